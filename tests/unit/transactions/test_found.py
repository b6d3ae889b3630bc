"""What the model found, or what was found while it was made; each once a fault of the engine's."""

import asyncio

import pytest

from keepers.model.errors.chain import ChainError
from keepers.model.errors.signing import SignerUnreachableError
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import FeeLimits
from keepers.model.transactions.states import RequestedAction
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.bureau import Bureau
from tests.unit.transactions.test_nonces import stranger


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
    assert bureau.context.store.pauses()


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


@pytest.mark.parametrize("past", [0, 3])
def test_old_copy__of_before_the_first_nonce__does_not_execute_twice(
    bureau: Bureau, past: int
) -> None:
    """The ledger knew no nonce of the sender, so it could not tell the new ones from the old."""
    for nonce in range(past):
        bureau.chain.include(stranger(nonce))
    bureau.nodes.down = {"estimate"}
    done, other = bureau.submit(), bureau.submit()
    new = bureau.intent(done).intent
    bureau.run()
    assert Alarm.FOREIGN_NONCE not in bureau.raised
    bureau.chain.include(stranger(past, new.calldata, new.target))
    bureau.nodes.down = set()
    bureau.restart()
    bureau.run()
    bureau.mine(6)
    assert [bureau.intent(each).state for each in (done, other)] == ["BLOCKED", "FINAL"]
    assert bureau.executed().count(new.calldata) == 1


def test_past__of_a_sender__is_reorganised_away__nothing_of_it_is_taken_for_strange(
    bureau: Bureau,
) -> None:
    for nonce in range(3):
        bureau.chain.include(stranger(nonce))
    bureau.nodes.down = {"estimate"}
    intent_id = bureau.submit()
    bureau.chain.reorganise(1)
    bureau.nodes.down = set()
    bureau.run(2)
    bureau.mine(6)
    assert Alarm.FOREIGN_NONCE not in bureau.raised
    assert bureau.intent(intent_id).state == "FINAL"


def test_first_call_of_a_sender__nodes_do_not_say_its_past__is_not_taken(bureau: Bureau) -> None:
    bureau.nodes.down = {"view"}
    with pytest.raises(ChainError):
        bureau.submit()
    assert asyncio.run(bureau.engine.live()) == ()


def test_bump__while_the_signer_is_silent__is_made_when_it_speaks(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: object) -> None:
        raise SignerUnreachableError("signer", "no answer")

    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(intent_id, RequestedAction.BUMP)
    with monkeypatch.context() as patch:
        patch.setattr(bureau.signer, "sign", silent)
        bureau.run()
        assert bureau.intent(intent_id).wanted is RequestedAction.BUMP
    bureau.run(2)
    assert len(bureau.intent(intent_id).slots[0].attempts) == 2
    assert bureau.intent(intent_id).wanted is None


def test_bump__that_the_fee_limit_forbids__is_forgotten(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    highest = bureau.intent(intent_id).slots[0].attempts[0].signed.fees
    bureau.restart(fees=FeeLimits(maximum=highest.maximum, priority=highest.priority))
    bureau.run()
    bureau.context.store.want(intent_id, RequestedAction.BUMP)
    bureau.run(2)
    assert bureau.intent(intent_id).wanted is None
    assert Alarm.FEE_CAP in bureau.raised
    assert len(bureau.intent(intent_id).slots[0].attempts) == 1


def test_bump__that_the_auditor_refuses__is_forgotten(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.auditor.refused = {"0x00000001"}
    bureau.context.store.want(intent_id, RequestedAction.BUMP)
    bureau.run(2)
    assert bureau.intent(intent_id).wanted is None
    assert bureau.intent(intent_id).state == "BROADCAST"
