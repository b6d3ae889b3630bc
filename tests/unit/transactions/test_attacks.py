"""Rare combinations of faults, each of which once broke a guarantee of the engine."""

from dataclasses import replace

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeErrorKind
from keepers.model.chain_view import ChainView, Estimate
from keepers.model.transaction_states import RequestedAction
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_engine import EngineOnPaper
from tests.unit.transactions.paper_nodes import refused
from tests.unit.transactions.test_nonces import stranger
from tests.unit.transactions.test_replacing import kinds


def settled(rig: EngineOnPaper) -> int:
    """Bring an intent to finality, so that the store knows a nonce; return its id."""
    intent_id = rig.submit()
    rig.mine(6)
    rig.run()
    assert rig.intent(intent_id).state == "FINAL"
    return intent_id


def repairs(rig: EngineOnPaper) -> int:
    """Return the number of waiting gap fillers, which transfer 0."""
    return sum(each.intent.calldata == "0x" for each in rig.context.store.live())


def test_gap__below_a_full_queue__is_filled_all_the_same(rig: EngineOnPaper) -> None:
    rig.restart(maximum_in_flight=2)
    settled(rig)
    rig.chain.include(stranger(1))
    rig.run()
    ids = [rig.submit(), rig.submit()]
    rig.run()
    assert [rig.intent(each).slots[0].nonce for each in ids] == [2, 3]
    rig.chain.reorganise(1)
    rig.mine(15)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}


def test_gap__that_cannot_be_filled_now__is_asked_for_once(rig: EngineOnPaper) -> None:
    settled(rig)
    rig.chain.include(stranger(1))
    rig.run()
    rig.submit()
    rig.run()
    rig.chain.reorganise(1)
    rig.chain.base_fee = 300 * GWEI
    rig.mine(12)
    assert repairs(rig) == 1


def test_unknown_nonces__where_one_waits_for_funds__is_held_and_the_pass_goes_on(
    rig: EngineOnPaper,
) -> None:
    settled(rig)
    rig.chain.balance = 0
    held = rig.submit()
    rig.run()
    assert rig.intent(held).hold == "FUNDS"
    new = rig.intent(held).intent
    rig.chain.include(stranger(1, new.calldata, new.target))
    rig.run()
    assert rig.intent(held).hold == "DENIED"


def test_wish__of_what_lost_its_nonce_before_it_was_signed__does_not_break_the_pass(
    rig: EngineOnPaper,
) -> None:
    rig.restart(foreign_after_blocks=0)
    intent_id = rig.submit()
    ledger = rig.context.store
    ledger.prepare(intent_id, Estimate(100_000, ()), 0)
    ledger.want(intent_id, RequestedAction.CANCEL)
    rig.chain.include(stranger(0))
    rig.run()
    assert rig.intent(intent_id).state == "DISPLACED"
    rig.mine(8)
    assert rig.intent(intent_id).state == "CANCELLED"


def test_hopeless__said_of_cancellations_too_for_a_while__ends_once_nodes_are_well(
    rig: EngineOnPaper,
) -> None:
    intent_id = rig.submit()
    rig.nodes.faults.extend([refused(NodeErrorKind.INVALID)] * 120)
    rig.run(120)
    signed = len(rig.intent(intent_id).slots[0].attempts)
    rig.nodes.faults.clear()
    rig.run()
    rig.mine(8)
    assert rig.intent(intent_id).state == "CANCELLED"
    assert signed == 2


def test_nonce__that_was_said_to_be_used_once_and_is_not__is_used(rig: EngineOnPaper) -> None:
    settled(rig)
    honest = rig.nodes.view

    async def wrong(account: str) -> ChainView:
        view = await honest(account)
        return replace(view, nonce=view.nonce + 2, pending_nonce=view.nonce + 2)

    rig.nodes.view = wrong  # type: ignore[method-assign]
    rig.run()
    rig.nodes.view = honest  # type: ignore[method-assign]
    rig.mine(8)
    intent_id = rig.submit()
    rig.run()
    rig.mine(12)
    assert rig.intent(intent_id).state == "FINAL"


def test_stop__does_not_take_a_cancellation_back(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.CANCEL, "a person")
    rig.context.store.want(intent_id, RequestedAction.STOP, "interrupted")
    rig.run()
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL"]


def test_stop__where_all_bytes_were_refused__fills_the_nonce_and_not_the_call(
    rig: EngineOnPaper,
) -> None:
    rig.nodes.faults.append(refused(NodeErrorKind.FEE_TOO_LOW))
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("NUMBERED", [["REFUSED"]])
    rig.context.store.want(intent_id, RequestedAction.STOP, "interrupted")
    rig.run()
    rig.mine(6)
    assert rig.executed() == []
    assert rig.intent(intent_id).state == "CANCELLED"


def test_bump__is_done__a_cancellation_asked_for_meanwhile_stays(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(
        intent_id, RequestedAction.CANCEL, "a person, just after the pass has looked"
    )
    rig.context.store.want(intent_id, None)
    assert rig.intent(intent_id).wanted == RequestedAction.CANCEL


def test_cancel__of_what_the_pools_have_lost__does_not_send_the_call_again(
    rig: EngineOnPaper,
) -> None:
    intent_id = rig.submit()
    rig.run()
    first = rig.intent(intent_id).slots[0].attempts[0].signed
    rig.chain.drop(first.transaction_hash or "")
    rig.chain.mine()
    rig.context.store.want(intent_id, RequestedAction.CANCEL)
    rig.run()
    rig.mine(6)
    assert rig.nodes.sent.count(first.raw or "") == 1
    assert rig.intent(intent_id).state == "CANCELLED"


def test_funds__that_a_lower_tip_makes_enough__are_noticed(rig: EngineOnPaper) -> None:
    rig.chain.tip = 20 * GWEI
    rig.chain.balance = 120_000 * 30 * GWEI
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).hold == "FUNDS"
    rig.chain.tip = GWEI
    rig.mine(2)
    assert rig.intent(intent_id).state == "INCLUDED"


def test_receipt__that_nobody_shows__is_told_of(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    hashed = rig.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    rig.nodes.hidden = {hashed}
    rig.telemetry.alarms.clear()
    rig.mine(10)
    assert Alarm.NODES_UNAVAILABLE in rig.raised


def test_nodes__that_are_far_behind_after_a_restart__do_not_pause_for_ever(
    rig: EngineOnPaper,
) -> None:
    settled(rig)
    later = list(rig.chain.blocks)
    del rig.chain.blocks[1:]
    rig.restart()
    rig.run()
    assert rig.context.store.pauses() == ()
    assert rig.telemetry.alarms
    rig.chain.blocks[:] = later
    intent_id = rig.submit()
    rig.mine(6)
    assert rig.intent(intent_id).state == "FINAL"


def test_chain__that_was_reset__pauses(rig: EngineOnPaper) -> None:
    settled(rig)
    rig.chain.reorganise(len(rig.chain.blocks) - 1)
    rig.run()
    assert Alarm.FINALITY_BROKEN in rig.raised
    assert rig.context.store.pauses() != ()
