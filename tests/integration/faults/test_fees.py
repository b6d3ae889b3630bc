"""Rows 12, 13 and 19 to 24: fees that are too low, too high, or change meanwhile."""

from __future__ import annotations

from itertools import pairwise

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import Fees
from keepers.model.chain_view import FeeLimits
from keepers.transactions.sender_context import SendingPolicy
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.rig import GWEI, Rig
from tests.integration.support.faults import (
    UNDERPRICED,
    Forward,
    Outcome,
    answer,
    drop,
    drop_reply,
    error,
)
from tests.integration.support.upstream import SEND, least_bump

PATIENCE = 3
"""Blocks until a bump, by the rig's policy."""


def policy(maximum: int, priority: int = 20 * GWEI, rise_bps: int = 1_250) -> SendingPolicy:
    limits = FeeLimits(maximum=maximum, priority=priority, rise_bps=rise_bps)
    return SendingPolicy(fees=limits, poll_seconds=0)


def assert_replaces(before: Fees, after: Fees) -> None:
    """Check that both fees are at least 10 % higher, rounded up."""
    assert after.maximum >= least_bump(before.maximum)
    assert after.priority >= least_bump(before.priority)


def test_fault_12_bump_is_underpriced__is_raised_from_the_refused_one(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.node.when(SEND, answer(UNDERPRICED), times=1)
    rig.stuck(PATIENCE)
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "REFUSED", "BROADCAST"]])
    for before, after in pairwise(rig.fees(intent_id)):
        assert_replaces(before, after)


def test_fault_12_bump_is_the_least_that_nodes_take__passes_the_rule(rig_of: RigOf) -> None:
    rig = rig_of(policy=policy(200 * GWEI, rise_bps=1_000))
    rig.chain.set_base_fee(7 * GWEI + 3)
    rig.chain.mine()
    intent_id = rig.sent()
    rig.stuck(2 * PATIENCE)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"] * 3])
    first, second, third = rig.fees(intent_id)
    assert second == Fees(least_bump(first.maximum), least_bump(first.priority))
    assert third == Fees(least_bump(second.maximum), least_bump(second.priority))
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED", "DROPPED", "FINAL"]])


def test_fault_13_pool_wants_more_twice__third_attempt_is_taken(rig: Rig) -> None:
    rig.node.when(SEND, error(-32000, "transaction underpriced"), times=2)
    intent_id = rig.submit()
    rig.run(3)
    assert rig.states(intent_id) == ("BROADCAST", [["REFUSED", "REFUSED", "BROADCAST"]])
    for before, after in pairwise(rig.fees(intent_id)):
        assert_replaces(before, after)
    rig.mine(4)
    assert rig.states(intent_id)[0] == "FINAL"


def test_fault_19_below_the_base_fee__is_priced_anew(rig: Rig) -> None:
    text = "max fee per gas less than block base fee"
    rig.node.when(SEND, error(-32003, text), times=1)
    intent_id = rig.submit()
    rig.run()
    rig.chain.set_base_fee(40 * GWEI)
    rig.chain.mine()
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["REFUSED", "BROADCAST"]])
    assert rig.fees(intent_id)[1].maximum >= 56 * GWEI, "three full blocks by then"
    rig.mine(4)
    assert rig.states(intent_id)[0] == "FINAL"


def test_fault_20_base_fee_rises_for_20_blocks__never_above_the_limit(rig_of: RigOf) -> None:
    rig = rig_of(policy=policy(60 * GWEI))
    intent_id = rig.sent()
    base_fee = 10 * GWEI
    for _ in range(20):
        base_fee = base_fee * 9 // 8
        rig.chain.set_base_fee(base_fee)
        rig.stuck()
    fees = rig.fees(intent_id)
    assert len(fees) > 3
    assert max(each.maximum for each in fees) <= 60 * GWEI
    assert Alarm.FEE_CAP in rig.raised
    sent = rig.node.sent
    for _ in range(2 * PATIENCE):
        rig.chain.set_base_fee(base_fee)
        rig.mine()
    again = rig.node.sent[len(sent) :]
    assert again
    assert set(again) == {sent[-1]}
    rig.chain.set_base_fee(10 * GWEI)
    rig.mine(4)
    assert rig.states(intent_id)[0] == "FINAL"


def test_fault_21_market_falls__bump_never_pays_less(rig: Rig) -> None:
    intent_id = rig.sent()
    for _ in range(PATIENCE):
        rig.chain.set_base_fee(GWEI)
        rig.stuck()
    first, second = rig.fees(intent_id)
    assert_replaces(first, second)
    rig.mine(4)
    assert rig.states(intent_id)[0] == "FINAL"


@pytest.mark.parametrize("room", [0, -1])
def test_fault_22_limit__is_reached_exactly_and_never_passed(rig_of: RigOf, room: int) -> None:
    """The first bump needs 10 % more; with one wei less of room there is no bump."""
    probe = 2 * 10 * GWEI + GWEI
    limit = least_bump(probe) + room
    rig = rig_of(policy=policy(limit))
    rig.chain.set_base_fee(10 * GWEI)
    rig.chain.mine()
    intent_id = rig.sent()
    assert rig.fees(intent_id)[0].maximum == probe
    for _ in range(3 * PATIENCE):
        rig.chain.set_base_fee(10 * GWEI)
        rig.stuck()
    fees = [each.maximum for each in rig.fees(intent_id)]
    assert fees == ([probe, limit] if room == 0 else [probe])
    assert Alarm.FEE_CAP in rig.raised
    assert len(rig.node.sent) > len(set(rig.node.sent)) == len(fees)


def test_fault_23_old_attempt_is_mined_after_a_bump__completes_with_it(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.stuck(PATIENCE)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "BROADCAST"]])
    rig.chain.mine_raw(rig.node.sent[0])
    rig.run()
    assert rig.states(intent_id) == ("INCLUDED", [["INCLUDED", "REPLACED"]])
    rig.mine(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL", "DROPPED"]])


def test_fault_24_bump_is_mined_and_its_answer_was_lost__is_found_by_its_hash(rig: Rig) -> None:
    intent_id = rig.sent()

    def unheard(forward: Forward) -> Outcome:
        rig.node.when("eth_getTransactionByHash", drop, times=1)
        return drop_reply(forward)

    rig.node.when(SEND, unheard, times=1)
    rig.stuck(PATIENCE)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "SEALED"]])
    rig.mine()
    assert rig.states(intent_id) == ("INCLUDED", [["REPLACED", "INCLUDED"]])
    rig.mine(3)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])
