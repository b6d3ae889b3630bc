"""Calls that book stuck rebalancers again, alone and in batches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keepers.chain.codec import Call
from keepers.chain.contracts.recurring import PaidRebalancerRegistry, RecurringRebalancer
from keepers.chain.node import Multicall3
from keepers.model.chain import ContractCall
from keepers.model.recurring import StuckJob


def fix_call(job: StuckJob) -> Call[Any]:
    """The call that fixes one; it answers whether it booked."""
    if job.paid:
        return PaidRebalancerRegistry(job.handler).fix_batch([job.target])
    return RecurringRebalancer(job.handler).fix()


def fix_calls(
    jobs: Sequence[StuckJob], size: int, registry: str, multicall3: Multicall3
) -> list[tuple[ContractCall, int]]:
    """Calls that fix all of them, at most `size` in one, with how many each has.

    Those of the registry go in its own batches. All others go through Multicall3, where one that
    fails stops no other, and where a stranger's code is not called by the keeper itself.
    """
    known = [each for each in jobs if each.handler.lower() == registry.lower()]
    others = [each for each in jobs if each.handler.lower() != registry.lower()]
    made: list[tuple[ContractCall, int]] = []
    for start in range(0, len(known), size):
        part = known[start : start + size]
        call = PaidRebalancerRegistry(registry).fix_batch([each.target for each in part])
        made.append((call.contract_call, len(part)))
    for start in range(0, len(others), size):
        part = others[start : start + size]
        calls = [(each.handler, True, fix_call(each).data) for each in part]
        made.append((multicall3.aggregate3(calls).contract_call, len(part)))
    return made
