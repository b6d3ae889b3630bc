"""Bugs of the engine that the model found, or that were found while it was written."""

import asyncio

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain_view import FeeLimits
from keepers.model.errors.chain import ChainError
from keepers.model.errors.signing import SignerUnreachableError
from keepers.model.transaction_states import RequestedAction
from keepers.transactions.preparation import may_suffice
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_engine import EngineOnPaper
from tests.unit.transactions.test_nonces import stranger


def test_final_use_by_a_stranger__is_undone__pauses_the_sender(rig: EngineOnPaper) -> None:
    """The intent has another nonce by then: with the old one back, it could be executed twice."""
    intent_id = rig.submit()
    rig.run()
    old = rig.nodes.sent[0]
    rig.chain.include(stranger(0))
    rig.mine(2)
    rig.chain.mine(4)
    rig.run()
    assert [each.nonce for each in rig.intent(intent_id).slots] == [0, 1]
    rig.chain.reorganise(rig.chain.head.number)
    rig.chain.include(old)
    rig.run()
    assert Alarm.FINALITY_BROKEN in rig.raised
    assert rig.context.store.pauses()


def test_funds__come_back_while_another_keeper_sent__are_noticed(
    rig: EngineOnPaper, clock: StillClock
) -> None:
    rig.run()
    first = rig.engine
    clock.advance(61)
    rig.holder, rig.chain.balance = "two", 0
    rig.restart()
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).hold == "FUNDS"
    rig.chain.balance = 10**20
    clock.advance(61)
    asyncio.run(first.run_pass())
    assert rig.intent(intent_id).state == "BROADCAST"


def test_receipt__appears_after_the_nonce_was_held_for_a_strangers__counts(
    rig: EngineOnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def cannot_say(*_: object) -> None:
        return None

    monkeypatch.setattr(rig.nodes, "spender", cannot_say)
    intent_id = rig.submit()
    rig.run()
    hashed = rig.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    rig.nodes.hidden = {hashed}
    rig.mine(6)
    assert rig.intent(intent_id).state == "DISPLACED"
    rig.nodes.hidden = set()
    rig.mine(8)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert rig.executed() == ["0x00000001"]


def test_funds__same_balance_and_price__are_not_asked_about_again(rig: EngineOnPaper) -> None:
    rig.chain.balance = 0
    rig.submit()
    view = rig.run()
    assert view is not None
    rig.context.begin_pass()
    assert not asyncio.run(may_suffice(rig.context, view))
    rig.chain.base_fee -= 1
    rig.context.begin_pass()
    assert asyncio.run(may_suffice(rig.context, view))


@pytest.mark.parametrize("past", [0, 3])
def test_old_copy__of_before_the_first_nonce__does_not_execute_twice(
    rig: EngineOnPaper, past: int
) -> None:
    """The store knew no nonce of the sender, so it could not distinguish new ones from old ones."""
    for nonce in range(past):
        rig.chain.include(stranger(nonce))
    rig.nodes.down = {"estimate"}
    done, other = rig.submit(), rig.submit()
    new = rig.intent(done).intent
    rig.run()
    assert Alarm.FOREIGN_NONCE not in rig.raised
    rig.chain.include(stranger(past, new.calldata, new.target))
    rig.nodes.down = set()
    rig.restart()
    rig.run()
    rig.mine(6)
    assert [rig.intent(each).state for each in (done, other)] == ["BLOCKED", "FINAL"]
    assert rig.executed().count(new.calldata) == 1


def test_past__of_a_sender__is_reorganised_away__nothing_of_it_is_taken_for_strange(
    rig: EngineOnPaper,
) -> None:
    for nonce in range(3):
        rig.chain.include(stranger(nonce))
    rig.nodes.down = {"estimate"}
    intent_id = rig.submit()
    rig.chain.reorganise(1)
    rig.nodes.down = set()
    rig.run(2)
    rig.mine(6)
    assert Alarm.FOREIGN_NONCE not in rig.raised
    assert rig.intent(intent_id).state == "FINAL"


def test_first_call_of_a_sender__nodes_do_not_say_its_past__is_not_taken(
    rig: EngineOnPaper,
) -> None:
    rig.nodes.down = {"view"}
    with pytest.raises(ChainError):
        rig.submit()
    assert asyncio.run(rig.engine.live()) == ()


def test_bump__while_the_signer_is_silent__is_made_when_it_speaks(
    rig: EngineOnPaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(_: object) -> None:
        raise SignerUnreachableError("signer", "no answer")

    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.BUMP)
    with monkeypatch.context() as patch:
        patch.setattr(rig.signer, "sign", silent)
        rig.run()
        assert rig.intent(intent_id).wanted is RequestedAction.BUMP
    rig.run(2)
    assert len(rig.intent(intent_id).slots[0].attempts) == 2
    assert rig.intent(intent_id).wanted is None


def test_bump__that_the_fee_limit_forbids__is_forgotten(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    highest = rig.intent(intent_id).slots[0].attempts[0].signed.fees
    rig.restart(fees=FeeLimits(maximum=highest.maximum, priority=highest.priority))
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.BUMP)
    rig.run(2)
    assert rig.intent(intent_id).wanted is None
    assert Alarm.FEE_CAP in rig.raised
    assert len(rig.intent(intent_id).slots[0].attempts) == 1


def test_bump__that_the_auditor_refuses__is_forgotten(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.auditor.refused = {"0x00000001"}
    rig.context.store.want(intent_id, RequestedAction.BUMP)
    rig.run(2)
    assert rig.intent(intent_id).wanted is None
    assert rig.intent(intent_id).state == "BROADCAST"
