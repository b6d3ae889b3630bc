"""Due and stuck records of the scheduler, and the calls that serve them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import Call
from keepers.chain.contracts.recurring import (
    GENERATION_BITS,
    NOBODY,
    PaidRebalancerRegistry,
    SchedulerLens,
    TransactionScheduler,
)
from keepers.chain.node import CallAnswer, Node
from keepers.chain.recurring.calls import fix_call, fix_calls
from keepers.chain.recurring.events import metered_gas
from keepers.chain.recurring.rows import RecordRows
from keepers.chain.recurring.split import in_parts, pages
from keepers.chain.responses import as_bytes
from keepers.chain.simulation import DryRun, DryRunResult
from keepers.model.chain import ContractCall
from keepers.model.errors.chain import BadAnswerError, ChainError
from keepers.model.recurring import (
    DueJob,
    FailedBooking,
    JobRow,
    MeasuredJob,
    StuckJob,
    batch_gas_of,
)

ROWS = 100
"""Records that are read in one request with all that belongs to them."""

SIMULATED_GAS = 20_000_000
"""Gas of one simulation; nodes stop at a block's."""


@dataclass(frozen=True, slots=True)
class ExecutionGas:
    """Gas of one simulated execution: of the whole transaction, and as the scheduler metered it."""

    gas: int
    metered: int | None


class RecurringJobs:
    """The engine's `Jobs`; `page` records are read in one request.

    Anybody can have a record with a handler of any code. Handlers are asked through the lens, with
    bounded gas and bounded answers, or in simulations with gas of their own. Whatever request
    fails is made smaller, down to one record, which is then left out.
    """

    def __init__(self, node: Node, addresses: RecurringAddresses, page: int) -> None:
        self._node = node
        self._addresses = addresses
        self._page = page
        self._scheduler = TransactionScheduler(addresses.scheduler)
        self._lens = SchedulerLens(addresses.lens)
        self._registry = PaidRebalancerRegistry(addresses.registry)
        self._rows = RecordRows(node, addresses)

    async def base_fee(self) -> int:
        """Wei for a unit of gas in the newest block."""
        return (await self._node.head()).base_fee

    async def due(self) -> tuple[DueJob, ...]:
        """Bookings that can be executed now and need no data."""
        block, ends = await self._begin()

        async def page(first: int, count: int) -> tuple[Sequence[int], int]:
            found = await self._node.read(self._scheduler.check_upkeep(first, count), block)
            return found, first + count

        async def details(part: Sequence[int]) -> Sequence[DueJob]:
            return await self._due(part, block)

        found = await in_parts(await pages(ends, self._page, page), ROWS, details)
        return tuple(each for each in found if each is not None)

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Everything that is stuck, page by page."""
        block, ends = await self._begin()

        async def page(first: int, count: int) -> tuple[Sequence[int], int]:
            return await self._node.read(self._lens.sweep(first, count), block)

        return await self._rows.stuck(await pages(ends, self._page, page), block)

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """Return the failed bookings that are still stuck, where the scheduler has the handler.

        Contracts that emitted an event are asked through the lens: what they say is checked, and
        one that burns its gas, floods or is silent is left out alone.
        """
        if not failed:
            return ()
        block, ends = await self._begin()
        registry = self._addresses.registry.lower()
        targets = [each.target for each in failed if each.handler.lower() == registry]
        handlers = {each.handler for each in failed if each.handler.lower() != registry}
        claimed = await self._claimed(targets, sorted(handlers), block)
        numbers = sorted({number for number, _ in claimed if 0 < number < ends})
        found = await self._rows.stuck(numbers, block)
        return tuple(each for each in found if (each.number, each.handler.lower()) in claimed)

    async def rows(self) -> tuple[JobRow, ...]:
        """Return every record."""
        block, ends = await self._begin()
        return await self._rows.all(ends, block, ROWS)

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[MeasuredJob]:
        """Execute each without sending it, and say what that takes and pays at a gas price."""
        block = (await self._node.head()).number

        async def executed(part: Sequence[DueJob]) -> Sequence[ExecutionGas | None]:
            calls = [self._scheduler.execute(each.booking, sender).contract_call for each in part]
            ran = await DryRun(self._node, []).run(sender, calls, _most(jobs))
            _require_apart(ran)
            gas = ran.gas or tuple(batch_gas_of([each.effort]) for each in part)
            logs = ran.logs or ((),) * len(part)
            return [
                ExecutionGas(used, metered_gas(told, self._scheduler.address))
                if answer.succeeded
                else None
                for used, told, answer in zip(gas, logs, ran.answers, strict=True)
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
        """Return the jobs of a batch that would run if it were included now."""

        async def run(part: Sequence[DueJob]) -> Sequence[bool]:
            call = self._scheduler.execute_batch([each.booking for each in part], sender)
            gas = batch_gas_of([each.effort for each in part])
            request = {"from": sender, "to": call.target, "data": f"0x{call.data.hex()}"}
            answer = await self._node.ask("eth_call", request | {"gas": hex(gas)}, "latest")
            which = call.read(as_bytes(answer, "eth_call"))
            return [bool(which >> place & 1) for place in range(len(part))]

        good = await in_parts(jobs, max(1, len(jobs)), run)
        return tuple(job for job, is_good in zip(jobs, good, strict=True) if is_good)

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Return the jobs that the scheduler has booked after a fix within that gas."""

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
        """The call that executes a batch."""
        return self._scheduler.execute_batch(
            [each.booking for each in jobs], reward_to
        ).contract_call

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """The registry's in batches of its own, all others in batches of Multicall3's."""
        return fix_calls(jobs, size, self._addresses.registry, self._node.multicall3)

    async def _begin(self) -> tuple[int, int]:
        """The newest block, and the end of the records."""
        block = (await self._node.head()).number
        return block, await self._node.read(self._scheduler.records(), block) + 1

    async def _due(self, part: Sequence[int], block: int) -> list[DueJob]:
        batch = ReadBatch(self._node)
        slots = [
            (
                each,
                batch.add(self._scheduler.transaction(each)),
                batch.add(self._lens.target(each >> GENERATION_BITS)),
            )
            for each in part
        ]
        await batch.run(block)
        return [
            DueJob(
                booking=each,
                target=_known(target.found),
                handler=booking.value.handler,
                effort=booking.value.effort,
                fee=booking.value.fee,
                paid=booking.value.handler.lower() == self._addresses.registry.lower(),
            )
            for each, booking, target in slots
        ]

    async def _claimed(
        self, targets: Sequence[str], handlers: Sequence[str], block: int
    ) -> set[tuple[int, str]]:
        """Which records the registry has for targets, and which handlers say are theirs."""

        async def of_registry(part: Sequence[str]) -> Sequence[int]:
            batch = ReadBatch(self._node)
            slots = [batch.add(self._registry.number_of(each)) for each in part]
            await batch.run(block)
            return [each.found or 0 for each in slots]

        async def of_others(part: Sequence[str]) -> Sequence[int]:
            told: list[int] = []
            while len(told) < len(part):
                more = await self._node.read(self._lens.numbers(part[len(told) :]), block)
                if not more:
                    raise BadAnswerError("eth_call", "no number of any contract")
                told += more
            return told

        registry = self._addresses.registry.lower()
        known = await in_parts(targets, ROWS, of_registry)
        others = await in_parts(handlers, ROWS, of_others)
        return {(number, registry) for number in known if number is not None} | {
            (number, handler.lower())
            for number, handler in zip(others, handlers, strict=True)
            if number is not None
        }

    def _is_true(self, call: Call[bool], answer: CallAnswer) -> bool:
        try:
            return answer.succeeded and call.read(answer.data)
        except ChainError:
            return False


def _require_apart(ran: DryRunResult) -> None:
    """Raise where calls shared their gas and one failed, which others may have failed for."""
    is_shared = not ran.gas and len(ran.answers) > 1
    if is_shared and not all(each.succeeded for each in ran.answers):
        raise BadAnswerError(ran.method, "a failure in calls that share their gas")


def _within(taken: ExecutionGas | None, beside: int, job: DueJob) -> int:
    """Gas that the handler took: what the scheduler metered, less what it adds for itself.

    A settlement may take more than what is added: the first refund to an account does. So the gas
    of the whole transaction counts only where a node does not tell what was metered.
    """
    if taken is None:
        return 0
    gas = taken.gas if taken.metered is None else taken.metered
    return min(max(gas - beside, 0), job.effort)


def _most(jobs: Sequence[DueJob]) -> int:
    return max(batch_gas_of([each.effort]) for each in jobs)


def _known(address: str | None) -> str | None:
    return None if address in (None, NOBODY) else address
