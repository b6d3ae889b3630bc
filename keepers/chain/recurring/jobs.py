"""Jobs of recurring rebalancers: simulated executions and fixes, and the calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keepers.chain.batch import ReadBatch
from keepers.chain.codec import Call, same
from keepers.chain.contracts.recurring import PaidRebalancerRegistry, RecurringRebalancer
from keepers.chain.node import CallAnswer
from keepers.chain.recurring.events import metered_gas
from keepers.chain.recurring.records import ROWS, RecurringRecords
from keepers.chain.recurring.split import in_parts
from keepers.chain.responses import as_bytes
from keepers.chain.simulation import DryRun, DryRunResult
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import BadAnswerError, ChainError
from keepers.model.recurring import DueJob, MeasuredJob, StuckJob, batch_gas_of

SIMULATED_GAS = 20_000_000
"""Gas of one simulation; nodes limit it to the gas of a block."""


@dataclass(frozen=True, slots=True)
class ExecutionGas:
    """Gas of one simulated execution: of the whole transaction, and as metered by the scheduler."""

    gas: int
    metered: int | None


class RecurringJobs(RecurringRecords):
    """Records with the simulations and calls that serve them.

    Handlers run in simulations with separate gas; a handler that makes a request fail is skipped.
    """

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        """Simulate the execution of each job: its gas, and its payout at a gas price."""
        block = (await self._node.head()).number

        async def executed(part: Sequence[DueJob]) -> Sequence[ExecutionGas | None]:
            calls = [self._scheduler.execute(each.booking, sender).contract_call for each in part]
            ran = await DryRun(self._node, []).run(sender, calls, _most(jobs))
            _require_apart(ran)
            gas = ran.gas or tuple(batch_gas_of([each.effort]) for each in part)
            logs = ran.logs or ((),) * len(part)
            return [
                ExecutionGas(used, metered_gas(emitted, self._scheduler.address))
                if answer.succeeded
                else None
                for used, emitted, answer in zip(gas, logs, ran.answers, strict=True)
            ]

        taken = await in_parts(jobs, max(1, SIMULATED_GAS // _most(jobs)), executed)
        beside = sum(await self._node.read(self._scheduler.terms(), block))

        async def paid(part: Sequence[tuple[DueJob, ExecutionGas | None]]) -> Sequence[int]:
            batch = ReadBatch(self._node)
            slots = [
                batch.add(
                    self._scheduler.payout_for(job.booking, _within(each, beside, job), price)
                )
                for job, each in part
            ]
            await batch.run(block)
            return [each.found or 0 for each in slots]

        payouts = await in_parts(list(zip(jobs, taken, strict=True)), ROWS, paid)
        return [
            MeasuredJob(job, each and each.gas, payout or 0, (each.gas if each else 0) * price)
            for job, each, payout in zip(jobs, taken, payouts, strict=True)
        ]

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        """Return the jobs of a batch that would run if the batch were included now."""

        async def run(part: Sequence[DueJob]) -> Sequence[bool]:
            call = self._scheduler.execute_batch([each.booking for each in part], sender)
            gas = batch_gas_of([each.effort for each in part])
            request = {"from": sender, "to": call.target, "data": f"0x{call.data.hex()}"}
            answer = await self._node.ask("eth_call", request | {"gas": hex(gas)}, "latest")
            which = call.read(as_bytes(answer, "eth_call"))
            return [bool(which >> index & 1) for index in range(len(part))]

        good = await in_parts(jobs, max(1, len(jobs)), run)
        return tuple(job for job, is_good in zip(jobs, good, strict=True) if is_good)

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Return the jobs that the scheduler has booked after a fix within a gas limit."""

        async def fixed(part: Sequence[StuckJob]) -> Sequence[bool]:
            booked = [self._scheduler.is_booked(each.number) for each in part]
            calls = [fix_call(each).contract_call for each in part]
            ran = await DryRun(self._node, booked).run(sender, calls, gas)
            _require_apart(ran)
            return [
                answer.succeeded and self._is_true(call, after)
                for answer, call, after in zip(ran.answers, booked, ran.after, strict=True)
            ]

        good = await in_parts(jobs, max(1, SIMULATED_GAS // gas), fixed)
        return [job for job, is_good in zip(jobs, good, strict=True) if is_good]

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        """Return the call that executes a batch."""
        return self._scheduler.execute_batch(
            [each.booking for each in jobs], reward_to
        ).contract_call

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """Return calls that fix all jobs, at most `size` in one, with the number of jobs in each.

        Jobs of the registry go in its own batches. All others go through Multicall3, where one
        failure stops no other job, and where the keeper does not call external code itself.
        """
        registry = self._registry
        known = [each for each in jobs if same(each.handler, registry.address)]
        others = [each for each in jobs if not same(each.handler, registry.address)]
        made: list[tuple[ContractCall, int]] = []
        for start in range(0, len(known), size):
            part = known[start : start + size]
            call = registry.fix_batch([each.target for each in part])
            made.append((call.contract_call, len(part)))
        for start in range(0, len(others), size):
            part = others[start : start + size]
            calls = [(each.handler, True, fix_call(each).data) for each in part]
            made.append((self._node.multicall3.aggregate3(calls).contract_call, len(part)))
        return made

    def _is_true(self, call: Call[bool], answer: CallAnswer) -> bool:
        try:
            return answer.succeeded and call.read(answer.data)
        except ChainError:
            return False


def fix_call(job: StuckJob) -> Call[Any]:
    """Return the call that fixes a job; its result is whether, or how many, it booked."""
    if job.paid:
        return PaidRebalancerRegistry(job.handler).fix_batch([job.target])
    return RecurringRebalancer(job.handler).fix()


def _require_apart(ran: DryRunResult) -> None:
    """Raise if calls shared their gas and one failed, which may have made others fail."""
    is_shared = not ran.gas and len(ran.answers) > 1
    if is_shared and not all(each.succeeded for each in ran.answers):
        raise BadAnswerError(ran.method, "a failure in calls that share their gas")


def _within(taken: ExecutionGas | None, beside: int, job: DueJob) -> int:
    """Return the handler's gas: as metered by the scheduler, minus the scheduler's own part.

    A settlement may use more than that part, for example for the first refund to an account. The
    gas of the whole transaction counts only if a node reports no metered gas.
    """
    if taken is None:
        return 0
    gas = taken.gas if taken.metered is None else taken.metered
    return min(max(gas - beside, 0), job.effort)


def _most(jobs: Sequence[DueJob]) -> int:
    return max(batch_gas_of([each.effort]) for each in jobs)
