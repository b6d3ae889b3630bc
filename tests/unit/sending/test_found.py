"""What the model found, or what was found while it was made; each once a fault of the engine's."""

import asyncio

import pytest

from keepers.domain.transaction.alarms import Alarm
from tests.unit.ledger.samples import StillClock
from tests.unit.sending.bureau import Bureau
from tests.unit.sending.test_nonces import stranger


def test_final_use_by_a_stranger__is_undone__pauses_the_sender(bureau: Bureau) -> None:
    """The intent has another nonce by then: with the old one back, it could be executed twice."""
    intent_id = bureau.submit()
    bureau.run()
    old = bureau.nodes.sent[0]
    bureau.chain.include(stranger(0))
    bureau.mine(2)
    bureau.chain.mine(4)
    bureau.run()
    assert [each.nonce for each in bureau.intent(intent_id).slots] == [0, 1]
    bureau.chain.reorganise(bureau.chain.head.number)
    bureau.chain.include(old)
    bureau.run()
    assert Alarm.FINALITY_BROKEN in bureau.raised
    assert bureau.desk.ledger.pauses()


def test_funds__come_back_while_another_keeper_sent__are_noticed(
    bureau: Bureau, clock: StillClock
) -> None:
    bureau.run()
    first = bureau.engine
    clock.advance(61)
    bureau.holder, bureau.chain.balance = "two", 0
    bureau.restart()
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.intent(intent_id).hold == "FUNDS"
    bureau.chain.balance = 10**20
    clock.advance(61)
    asyncio.run(first.run_pass())
    assert bureau.intent(intent_id).state == "BROADCAST"


def test_receipt__appears_after_the_nonce_was_held_for_a_strangers__counts(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot_say(*_: object) -> None:
        return None

    monkeypatch.setattr(bureau.nodes, "spender", cannot_say)
    intent_id = bureau.submit()
    bureau.run()
    hashed = bureau.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    bureau.nodes.hidden = {hashed}
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "DISPLACED"
    bureau.nodes.hidden = set()
    bureau.mine(8)
    assert bureau.states(intent_id) == ("FINAL", [["FINAL"]])
    assert bureau.executed() == ["0x00000001"]
