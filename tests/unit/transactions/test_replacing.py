"""Bumps, cancellations and what waits behind them."""

from datetime import timedelta

import pytest

from keepers.model.chain import NodeErrorKind
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.states import RequestedAction
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.bureau import Bureau
from tests.unit.transactions.paper_chain import GWEI, PaperChain
from tests.unit.transactions.paper_nodes import refused


def stuck(bureau: Bureau, blocks: int = 1) -> None:
    """Blocks that take nothing of ours, with a pass after each."""
    for _ in range(blocks):
        bureau.chain.mine(wanted=lambda _: False)
        bureau.run()


def kinds(bureau: Bureau, intent_id: int) -> list[str]:
    return [each.signed.kind for each in bureau.intent(intent_id).slots[-1].attempts]


def test_bump__after_three_blocks__and_not_before(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    stuck(bureau, 2)
    assert kinds(bureau, intent_id) == ["ORIGINAL"]
    stuck(bureau)
    assert kinds(bureau, intent_id) == ["ORIGINAL", "BUMP"]
    bureau.mine(5)
    assert bureau.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])


def test_bump__only_the_lowest_nonce_is_raised(bureau: Bureau) -> None:
    ids = [bureau.submit() for _ in range(11)]
    bureau.run()
    stuck(bureau, 4)
    assert [len(kinds(bureau, each)) for each in ids] == [2, *[1] * 10]


def test_bump__until_the_limit__then_the_same_bytes(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    for _ in range(60):
        bureau.chain.base_fee = min(bureau.chain.base_fee * 9 // 8, 150 * GWEI)
        stuck(bureau)
    fees = [each.signed.fees for each in bureau.intent(intent_id).slots[0].attempts]
    assert max(each.maximum for each in fees) <= 200 * GWEI
    assert max(each.priority for each in fees) <= 20 * GWEI
    assert Alarm.FEE_CAP in bureau.raised
    count = len(bureau.nodes.sent)
    stuck(bureau, 6)
    assert set(bureau.nodes.sent[count:]) == {bureau.nodes.sent[count - 1]}
    assert len(bureau.nodes.sent) == count + 2


def test_bump__in_a_falling_market__never_pays_less(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.chain.base_fee = 1
    stuck(bureau, 4)
    first, second = (each.signed.fees for each in bureau.intent(intent_id).slots[0].attempts)
    assert second.maximum >= first.maximum * 11 // 10
    assert second.priority >= first.priority * 11 // 10


def test_bump__refused_as_underpriced__is_raised_from_the_refused_one(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.nodes.faults.append(refused(NodeErrorKind.REPLACEMENT_UNDERPRICED))
    stuck(bureau, 3)
    bureau.run()
    assert bureau.states(intent_id)[1] == [["BROADCAST", "REFUSED", "BROADCAST"]]
    fees = [each.signed.fees.maximum for each in bureau.intent(intent_id).slots[0].attempts]
    assert fees[2] * 10 >= fees[1] * 11


def test_bump__old_attempt_is_mined__completes_with_it(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    old = bureau.nodes.sent[0]
    stuck(bureau, 3)
    bureau.chain.include(old)
    bureau.mine(5)
    assert bureau.states(intent_id) == ("FINAL", [["FINAL", "DROPPED"]])
    assert len(bureau.executed()) == 1


def test_bump__unheard_and_mined__is_found_by_its_stored_hash(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()

    def lost(chain: PaperChain, raw: str) -> NodeErrorKind:
        bureau.nodes.down = {"knows"}
        chain.send(raw)
        return NodeErrorKind.TRANSPORT

    bureau.nodes.faults.append(lost)
    stuck(bureau, 3)
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST", "SEALED"]])
    bureau.nodes.down = set()
    bureau.mine(5)
    assert bureau.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])


def test_bump__would_revert__what_was_sent_stands(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.nodes.reverting = {"0x00000001"}
    stuck(bureau, 4)
    assert kinds(bureau, intent_id) == ["ORIGINAL"]
    assert Alarm.WOULD_REVERT in bureau.raised


def test_bump__would_revert__is_cancelled_where_policy_says_so(bureau: Bureau) -> None:
    bureau.restart(cancel_reverting=True)
    intent_id = bureau.submit()
    bureau.run()
    bureau.nodes.reverting = {"0x00000001"}
    stuck(bureau, 4)
    assert kinds(bureau, intent_id) == ["ORIGINAL", "CANCEL"]
    assert len(bureau.nodes.sent) == 2, "the expired bytes did not leave again"
    bureau.mine(5)
    assert bureau.intent(intent_id).state == "CANCELLED"
    assert bureau.executed() == []


@pytest.mark.parametrize("wanted", [RequestedAction.BUMP, RequestedAction.CANCEL])
def test_wish__is_done_once(bureau: Bureau, wanted: RequestedAction) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(intent_id, wanted)
    bureau.run(3)
    assert kinds(bureau, intent_id) == ["ORIGINAL", wanted.value]


def test_stop__what_is_signed_goes_its_way__and_what_is_not_is_called_off(bureau: Bureau) -> None:
    signed = bureau.submit()
    bureau.run()
    bureau.nodes.down = {"simulate"}
    unsigned = bureau.submit()
    for each in (signed, unsigned):
        bureau.context.store.want(each, RequestedAction.STOP, "old plan")
    bureau.run()
    bureau.mine(5)
    assert bureau.intent(signed).state == "FINAL"
    assert bureau.states(unsigned) == ("CANCELLED", [])


def test_cancel__original_is_mined_first__is_executed(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    old = bureau.nodes.sent[0]
    bureau.context.store.want(intent_id, RequestedAction.CANCEL)
    bureau.run()
    bureau.chain.include(old)
    bureau.mine(5)
    assert bureau.intent(intent_id).state == "FINAL"
    assert bureau.executed() == ["0x00000001"]


def test_cancel__before_anything_is_signed__costs_nothing(bureau: Bureau) -> None:
    bureau.nodes.down = {"simulate"}
    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(intent_id, RequestedAction.CANCEL)
    bureau.run()
    assert bureau.states(intent_id) == ("CANCELLED", [])


def test_cancel__that_waits__is_bumped_too(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.context.store.want(intent_id, RequestedAction.CANCEL)
    bureau.run()
    stuck(bureau, 3)
    assert kinds(bureau, intent_id) == ["ORIGINAL", "CANCEL", "CANCEL"]


def test_expired__in_the_queue__is_rejected(bureau: Bureau) -> None:
    bureau.nodes.down = {"simulate"}
    expires = bureau.context.store.now() + timedelta(days=1)
    late = bureau.context.store.now() - timedelta(seconds=1)
    ids = [bureau.submit(expires_at=each) for each in (late, expires)]
    bureau.run()
    assert [bureau.intent(each).state for each in ids] == ["FAILED", "QUEUED"]


def test_expired__signed_and_perhaps_never_sent__is_cancelled(
    bureau: Bureau, clock: StillClock
) -> None:
    bureau.nodes.faults.append(refused(NodeErrorKind.TRANSPORT))
    intent_id = bureau.submit(expires_at=clock.now + timedelta(seconds=30))
    bureau.run()
    assert bureau.intent(intent_id).state == "SEALED"
    clock.now += timedelta(seconds=30)
    bureau.run(2)
    assert kinds(bureau, intent_id) == ["ORIGINAL", "CANCEL"]
    assert len(bureau.nodes.sent) == 2, "the expired bytes did not leave again"
    bureau.mine(5)
    assert bureau.intent(intent_id).state == "CANCELLED"
    assert bureau.executed() == []
