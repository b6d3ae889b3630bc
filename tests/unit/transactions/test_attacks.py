"""Attacks on what the engine promises: rare meetings of faults, each of which once broke it."""

from dataclasses import replace

from keepers.model.chain import NodeErrorKind
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, Estimate
from keepers.model.transactions.states import RequestedAction
from tests.unit.transactions.bureau import Bureau
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_nodes import refused
from tests.unit.transactions.test_nonces import stranger
from tests.unit.transactions.test_replacing import kinds


def settled(bureau: Bureau) -> int:
    """An intent that is final, so that the ledger knows a nonce."""
    intent_id = bureau.submit()
    bureau.mine(6)
    bureau.run()
    assert bureau.intent(intent_id).state == "FINAL"
    return intent_id


def repairs(bureau: Bureau) -> int:
    """How many transfers of nothing wait."""
    return sum(each.intent.calldata == "0x" for each in bureau.context.store.live())


def test_gap__below_a_full_queue__is_filled_all_the_same(bureau: Bureau) -> None:
    bureau.restart(maximum_in_flight=2)
    settled(bureau)
    bureau.chain.include(stranger(1))
    bureau.run()
    ids = [bureau.submit(), bureau.submit()]
    bureau.run()
    assert [bureau.intent(each).slots[0].nonce for each in ids] == [2, 3]
    bureau.chain.reorganise(1)
    bureau.mine(15)
    assert {bureau.intent(each).state for each in ids} == {"FINAL"}


def test_gap__that_cannot_be_filled_now__is_asked_for_once(bureau: Bureau) -> None:
    settled(bureau)
    bureau.chain.include(stranger(1))
    bureau.run()
    bureau.submit()
    bureau.run()
    bureau.chain.reorganise(1)
    bureau.chain.base_fee = 300 * GWEI
    bureau.mine(12)
    assert repairs(bureau) == 1


def test_unknown_nonces__where_one_waits_for_funds__is_held_and_the_pass_goes_on(
    bureau: Bureau,
) -> None:
    settled(bureau)
    bureau.chain.balance = 0
    held = bureau.submit()
    bureau.run()
    assert bureau.intent(held).hold == "FUNDS"
    new = bureau.intent(held).intent
    bureau.chain.include(stranger(1, new.calldata, new.target))
    bureau.run()
    assert bureau.intent(held).hold == "DENIED"


def test_wish__of_what_lost_its_nonce_before_it_was_signed__does_not_break_the_pass(
    bureau: Bureau,
) -> None:
    bureau.restart(foreign_after_blocks=0)
    intent_id = bureau.submit()
    ledger = bureau.context.store
    ledger.prepare(intent_id, Estimate(100_000, ()), 0)
    ledger.want(intent_id, RequestedAction.CANCEL)
    bureau.chain.include(stranger(0))
    bureau.run()
    assert bureau.intent(intent_id).state == "DISPLACED"
    bureau.mine(8)
    assert bureau.intent(intent_id).state == "CANCELLED"


def test_hopeless__said_of_cancellations_too_for_a_while__ends_once_nodes_are_well(
    bureau: Bureau,
) -> None:
    intent_id = bureau.submit()
    bureau.nodes.faults.extend([refused(NodeErrorKind.INVALID)] * 120)
    bureau.run(120)
    signed = len(bureau.intent(intent_id).slots[0].attempts)
    bureau.nodes.faults.clear()
    bureau.run()
    bureau.mine(8)
    assert bureau.intent(intent_id).state == "CANCELLED"
    assert signed == 2


def test_nonce__that_was_said_to_be_used_once_and_is_not__is_used(bureau: Bureau) -> None:
    settled(bureau)
    honest = bureau.nodes.view

    async def wrong(account: str) -> ChainView:
        view = await honest(account)
        return replace(view, nonce=view.nonce + 2, pending_nonce=view.nonce + 2)

    bureau.nodes.view = wrong  # type: ignore[method-assign]
    bureau.run()
    bureau.nodes.view = honest  # type: ignore[method-assign]
    bureau.mine(8)
    intent_id = bureau.submit()
    bureau.run()
    bureau.mine(12)
    assert bureau.intent(intent_id).state == "FINAL"


def test_stop__does_not_take_a_cancellation_back(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(intent_id, RequestedAction.CANCEL, "a person")
    bureau.context.store.want(intent_id, RequestedAction.STOP, "interrupted")
    bureau.run()
    assert kinds(bureau, intent_id) == ["ORIGINAL", "CANCEL"]


def test_stop__where_all_bytes_were_refused__fills_the_nonce_and_not_the_call(
    bureau: Bureau,
) -> None:
    bureau.nodes.faults.append(refused(NodeErrorKind.FEE_TOO_LOW))
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("NUMBERED", [["REFUSED"]])
    bureau.context.store.want(intent_id, RequestedAction.STOP, "interrupted")
    bureau.run()
    bureau.mine(6)
    assert bureau.executed() == []
    assert bureau.intent(intent_id).state == "CANCELLED"


def test_bump__is_done__a_cancellation_asked_for_meanwhile_stays(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(
        intent_id, RequestedAction.CANCEL, "a person, just after the pass has looked"
    )
    bureau.context.store.want(intent_id, None)
    assert bureau.intent(intent_id).wanted == RequestedAction.CANCEL


def test_cancel__of_what_the_pools_have_lost__does_not_send_the_call_again(
    bureau: Bureau,
) -> None:
    intent_id = bureau.submit()
    bureau.run()
    first = bureau.intent(intent_id).slots[0].attempts[0].signed
    bureau.chain.drop(first.transaction_hash or "")
    bureau.chain.mine()
    bureau.context.store.want(intent_id, RequestedAction.CANCEL)
    bureau.run()
    bureau.mine(6)
    assert bureau.nodes.sent.count(first.raw or "") == 1
    assert bureau.intent(intent_id).state == "CANCELLED"


def test_funds__that_a_lower_tip_makes_enough__are_noticed(bureau: Bureau) -> None:
    bureau.chain.tip = 20 * GWEI
    bureau.chain.balance = 120_000 * 30 * GWEI
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.intent(intent_id).hold == "FUNDS"
    bureau.chain.tip = GWEI
    bureau.mine(2)
    assert bureau.intent(intent_id).state == "INCLUDED"


def test_receipt__that_nobody_shows__is_told_of(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    hashed = bureau.intent(intent_id).slots[0].attempts[0].signed.transaction_hash or ""
    bureau.nodes.hidden = {hashed}
    bureau.telemetry.alarms.clear()
    bureau.mine(10)
    assert Alarm.NODES_UNAVAILABLE in bureau.raised


def test_nodes__that_are_far_behind_after_a_restart__do_not_pause_for_ever(
    bureau: Bureau,
) -> None:
    settled(bureau)
    later = list(bureau.chain.blocks)
    del bureau.chain.blocks[1:]
    bureau.restart()
    bureau.run()
    assert bureau.context.store.pauses() == ()
    assert bureau.telemetry.alarms
    bureau.chain.blocks[:] = later
    intent_id = bureau.submit()
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "FINAL"


def test_chain__that_was_reset__pauses(bureau: Bureau) -> None:
    settled(bureau)
    bureau.chain.reorganise(len(bureau.chain.blocks) - 1)
    bureau.run()
    assert Alarm.FINALITY_BROKEN in bureau.raised
    assert bureau.context.store.pauses() != ()
