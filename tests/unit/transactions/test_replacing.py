"""Tests of bumps, cancellations and the intents that wait behind them."""

from datetime import timedelta

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeErrorKind
from keepers.model.transaction_states import RequestedAction
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_chain import GWEI, PaperChain
from tests.unit.transactions.paper_engine import EngineOnPaper
from tests.unit.transactions.paper_nodes import refused

pytestmark = pytest.mark.long


def stuck(rig: EngineOnPaper, blocks: int = 1) -> None:
    """Mine blocks without the sender's transactions, with a pass after each."""
    for _ in range(blocks):
        rig.chain.mine(wanted=lambda _: False)
        rig.run()


def kinds(rig: EngineOnPaper, intent_id: int) -> list[str]:
    return [each.signed.kind for each in rig.intent(intent_id).slots[-1].attempts]


def test_bump__after_three_blocks__and_not_before(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    stuck(rig, 2)
    assert kinds(rig, intent_id) == ["ORIGINAL"]
    stuck(rig)
    assert kinds(rig, intent_id) == ["ORIGINAL", "BUMP"]
    rig.mine(5)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])


def test_bump__only_the_lowest_nonce_is_raised(rig: EngineOnPaper) -> None:
    ids = [rig.submit() for _ in range(11)]
    rig.run()
    stuck(rig, 4)
    assert [len(kinds(rig, each)) for each in ids] == [2, *[1] * 10]


def test_bump__until_the_limit__then_the_same_bytes(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    for _ in range(60):
        rig.chain.base_fee = min(rig.chain.base_fee * 9 // 8, 150 * GWEI)
        stuck(rig)
    fees = [each.signed.fees for each in rig.intent(intent_id).slots[0].attempts]
    assert max(each.maximum for each in fees) <= 200 * GWEI
    assert max(each.priority for each in fees) <= 20 * GWEI
    assert Alarm.FEE_CAP in rig.raised
    count = len(rig.nodes.sent)
    stuck(rig, 6)
    assert set(rig.nodes.sent[count:]) == {rig.nodes.sent[count - 1]}
    assert len(rig.nodes.sent) == count + 2


def test_bump__in_a_falling_market__never_pays_less(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.chain.base_fee = 1
    stuck(rig, 4)
    first, second = (each.signed.fees for each in rig.intent(intent_id).slots[0].attempts)
    assert second.maximum >= first.maximum * 11 // 10
    assert second.priority >= first.priority * 11 // 10


def test_bump__refused_as_underpriced__is_raised_from_the_refused_one(
    rig: EngineOnPaper,
) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.nodes.faults.append(refused(NodeErrorKind.REPLACEMENT_UNDERPRICED))
    stuck(rig, 3)
    rig.run()
    assert rig.states(intent_id)[1] == [["BROADCAST", "REFUSED", "BROADCAST"]]
    fees = [each.signed.fees.maximum for each in rig.intent(intent_id).slots[0].attempts]
    assert fees[2] * 10 >= fees[1] * 11


def test_bump__old_attempt_is_mined__completes_with_it(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    old = rig.nodes.sent[0]
    stuck(rig, 3)
    rig.chain.include(old)
    rig.mine(5)
    assert rig.states(intent_id) == ("FINAL", [["FINAL", "DROPPED"]])
    assert len(rig.executed()) == 1


def test_bump__unheard_and_mined__is_found_by_its_stored_hash(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()

    def lost(chain: PaperChain, raw: str) -> NodeErrorKind:
        rig.nodes.down = {"knows"}
        chain.send(raw)
        return NodeErrorKind.TRANSPORT

    rig.nodes.faults.append(lost)
    stuck(rig, 3)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "SEALED"]])
    rig.nodes.down = set()
    rig.mine(5)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])


def test_bump__would_revert__what_was_sent_stands(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.nodes.reverting = {"0x00000001"}
    stuck(rig, 4)
    assert kinds(rig, intent_id) == ["ORIGINAL"]
    assert Alarm.WOULD_REVERT in rig.raised


def test_bump__would_revert__is_cancelled_where_policy_says_so(rig: EngineOnPaper) -> None:
    rig.restart(cancel_reverting=True)
    intent_id = rig.submit()
    rig.run()
    rig.nodes.reverting = {"0x00000001"}
    stuck(rig, 4)
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL"]
    cancel = rig.intent(intent_id).slots[0].attempts[-1]
    assert cancel.signed.gas_limit == 21_000  # what a plain transfer costs (EIP-2028)
    assert len(rig.nodes.sent) == 2, "the original was sent again"
    rig.mine(5)
    assert rig.intent(intent_id).state == "CANCELLED"
    assert rig.executed() == []


@pytest.mark.parametrize("wanted", [RequestedAction.BUMP, RequestedAction.CANCEL])
def test_wish__is_done_once(rig: EngineOnPaper, wanted: RequestedAction) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, wanted)
    rig.run(3)
    assert kinds(rig, intent_id) == ["ORIGINAL", wanted.value]


def test_stop__what_is_signed_goes_its_way__and_what_is_not_is_called_off(
    rig: EngineOnPaper,
) -> None:
    signed = rig.submit()
    rig.run()
    rig.nodes.down = {"simulate"}
    unsigned = rig.submit()
    for each in (signed, unsigned):
        rig.context.store.want(each, RequestedAction.STOP, "old plan")
    rig.run()
    rig.mine(5)
    assert rig.intent(signed).state == "FINAL"
    assert rig.states(unsigned) == ("CANCELLED", [])


def test_cancel__original_is_mined_first__is_executed(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    old = rig.nodes.sent[0]
    rig.context.store.want(intent_id, RequestedAction.CANCEL)
    rig.run()
    rig.chain.include(old)
    rig.mine(5)
    assert rig.intent(intent_id).state == "FINAL"
    assert rig.executed() == ["0x00000001"]


def test_cancel__before_anything_is_signed__costs_nothing(rig: EngineOnPaper) -> None:
    rig.nodes.down = {"simulate"}
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.CANCEL)
    rig.run()
    assert rig.states(intent_id) == ("CANCELLED", [])


def test_cancel__that_waits__is_bumped_too(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.context.store.want(intent_id, RequestedAction.CANCEL)
    rig.run()
    stuck(rig, 3)
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL", "CANCEL"]


def test_expired__in_the_queue__is_rejected(rig: EngineOnPaper) -> None:
    rig.nodes.down = {"simulate"}
    expires = rig.context.store.now() + timedelta(days=1)
    late = rig.context.store.now() - timedelta(seconds=1)
    ids = [rig.submit(expires_at=each) for each in (late, expires)]
    rig.run()
    assert [rig.intent(each).state for each in ids] == ["FAILED", "QUEUED"]


def test_expired__signed_and_perhaps_never_sent__is_cancelled(
    rig: EngineOnPaper, clock: StillClock
) -> None:
    rig.nodes.faults.append(refused(NodeErrorKind.TRANSPORT))
    intent_id = rig.submit(expires_at=clock.now + timedelta(seconds=30))
    rig.run()
    assert rig.intent(intent_id).state == "SEALED"
    clock.now += timedelta(seconds=30)
    rig.run(2)
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL"]
    assert len(rig.nodes.sent) == 2, "the expired transaction was sent again"
    rig.mine(5)
    assert rig.intent(intent_id).state == "CANCELLED"
    assert rig.executed() == []
