"""The scheduler's records, as the keeper of recurring rebalancers sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from keepers.adapters.chain.batch import Batch
from keepers.adapters.chain.codec import Call
from keepers.adapters.chain.contracts.recurring import (
    GENERATION_BITS,
    NOBODY,
    PaidRebalancerRegistry,
    RawRow,
    RecurringRebalancer,
    SchedulerLens,
    TransactionScheduler,
)
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.recurring.calls import fix_of, fixing, sent
from keepers.adapters.chain.recurring.places import RecurringAddresses
from keepers.adapters.chain.simulation import DryRun, read_after
from keepers.adapters.chain.typed import as_bytes
from keepers.domain.chain import ContractCall
from keepers.domain.recurring import (
    DueJob,
    FailedBooking,
    JobRow,
    Measured,
    StuckJob,
    batch_gas_of,
)

T = TypeVar("T")

ROWS = 100
"""Records that are read in one request with all that belongs to them."""

SIMULATED_GAS = 20_000_000
"""Gas of one simulation; nodes stop at a block's."""


class RecurringJobs:
    """The engine's `Jobs`; `page` records are looked at in one request."""

    def __init__(self, node: Node, addresses: RecurringAddresses, page: int) -> None:
        self._node = node
        self._addresses = addresses
        self._page = page
        self._scheduler = TransactionScheduler(addresses.scheduler)
        self._lens = SchedulerLens(addresses.lens)
        self._registry = PaidRebalancerRegistry(addresses.registry)

    async def base_fee(self) -> int:
        """Wei for a unit of gas in the newest block."""
        return (await self._node.head()).base_fee

    async def due(self) -> tuple[DueJob, ...]:
        """Bookings that can be executed now and need no data."""
        block, ends = await self._begin()
        found: list[int] = []
        for first in range(1, ends, self._page):
            found += await self._node.read(self._scheduler.check_upkeep(first, self._page), block)
        jobs: list[DueJob] = []
        for part in _parts(found, ROWS):
            batch = Batch(self._node)
            slots = [
                (
                    each,
                    batch.add(self._scheduler.transaction(each)),
                    batch.add(self._lens.target(each >> GENERATION_BITS)),
                )
                for each in part
            ]
            await batch.run(block)
            jobs += [
                DueJob(
                    booking=each,
                    target=_somebody(target.value),
                    handler=booking.value.handler,
                    effort=booking.value.effort,
                    fee=booking.value.fee,
                )
                for each, booking, target in slots
            ]
        return tuple(jobs)

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Everything that is stuck, page by page."""
        block, ends = await self._begin()
        found: list[int] = []
        for first in range(1, ends, self._page):
            found += await self._node.read(self._lens.sweep(first, self._page), block)
        return await self._stuck(found, block)

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """What of these is stuck still, where the scheduler knows the handler by that record."""
        if not failed:
            return ()
        block = (await self._node.head()).number
        batch = Batch(self._node)
        numbers = [batch.add(self._number_of(each)) for each in failed]
        await batch.run(block)
        claimed = [(each, number.found) for each, number in zip(failed, numbers, strict=True)]
        wanted = sorted({number for _, number in claimed if number})
        found = {each.number: each for each in await self._stuck(wanted, block)}
        mine = {
            number: found[number]
            for each, number in claimed
            if number in found and found[number].handler.lower() == each.handler.lower()
        }
        return tuple(mine.values())

    async def rows(self) -> tuple[JobRow, ...]:
        """Every record, for people."""
        block, ends = await self._begin()
        found: list[JobRow] = []
        for first in range(1, ends, ROWS):
            page = await self._node.read(self._lens.page(first, ROWS), block)
            found += [_row(each) for each in page]
        return tuple(found)

    async def measure(self, jobs: Sequence[DueJob], sender: str, price: int) -> list[Measured]:
        """Execute each without sending it, and say what that takes and pays at a gas price."""
        block = (await self._node.head()).number
        taken: list[int | None] = []
        for part in _parts(jobs, max(1, SIMULATED_GAS // _most(jobs))):
            calls = [sent(self._scheduler.execute(each.booking, sender)) for each in part]
            ran = await DryRun(self._node, []).run(sender, calls, _most(jobs))
            gas = ran.gas or tuple(batch_gas_of([each.effort]) for each in part)
            taken += [
                used if answer.succeeded else None
                for used, answer in zip(gas, ran.answers, strict=True)
            ]
        beside = sum(await self._node.read(self._scheduler.terms(), block))
        measured: list[Measured] = []
        for part in _parts(list(zip(jobs, taken, strict=True)), ROWS):
            batch = Batch(self._node)
            slots = [
                batch.add(self._scheduler.payout_for(job.booking, _within(gas, beside, job), price))
                for job, gas in part
            ]
            await batch.run(block)
            measured += [
                Measured(job, gas, slot.found or 0, (gas or 0) * price)
                for (job, gas), slot in zip(part, slots, strict=True)
            ]
        return measured

    async def runnable(self, jobs: Sequence[DueJob], sender: str) -> tuple[DueJob, ...]:
        """Those of a batch that would run if it were included now."""
        call = self._scheduler.execute_batch([each.booking for each in jobs], sender)
        gas = batch_gas_of([each.effort for each in jobs])
        request = {"from": sender, "to": call.target, "data": f"0x{call.data.hex()}"}
        answer = await self._node.ask("eth_call", request | {"gas": hex(gas)}, "latest")
        which = call.read(as_bytes(answer, "eth_call"))
        return tuple(each for place, each in enumerate(jobs) if which >> place & 1)

    async def fixable(self, jobs: Sequence[StuckJob], sender: str, gas: int) -> list[StuckJob]:
        """Those that a fix would book now, with no more gas than that for each."""
        found: list[StuckJob] = []
        for part in _parts(jobs, max(1, SIMULATED_GAS // gas)):
            calls = [fix_of(each) for each in part]
            ran = await DryRun(self._node, []).run(sender, [sent(each) for each in calls], gas)
            found += [
                job
                for job, call, answer in zip(part, calls, ran.answers, strict=True)
                if answer.succeeded and read_after(self._node, call, answer)
            ]
        return found

    def execution(self, jobs: Sequence[DueJob], reward_to: str) -> ContractCall:
        """The call that executes a batch."""
        return sent(self._scheduler.execute_batch([each.booking for each in jobs], reward_to))

    def fixes(self, jobs: Sequence[StuckJob], size: int) -> list[tuple[ContractCall, int]]:
        """The registry's in batches of its own, all others in batches of Multicall3's."""
        return fixing(jobs, size, self._addresses.registry, self._node.multicall3)

    async def _begin(self) -> tuple[int, int]:
        """The newest block, and the end of the records."""
        block = (await self._node.head()).number
        return block, await self._node.read(self._scheduler.records(), block) + 1

    def _number_of(self, failed: FailedBooking) -> Call[int]:
        if failed.handler.lower() == self._addresses.registry.lower():
            return self._registry.number_of(failed.target)
        return RecurringRebalancer(failed.handler).number()

    async def _stuck(self, numbers: Sequence[int], block: int) -> tuple[StuckJob, ...]:
        found: list[StuckJob] = []
        for part in _parts(numbers, ROWS):
            batch = Batch(self._node)
            slots = [
                (batch.add(self._lens.row(each)), batch.add(self._lens.is_paid(each)))
                for each in part
            ]
            await batch.run(block)
            found += [
                StuckJob(
                    number=row.value.number,
                    handler=row.value.booking.handler,
                    target=row.value.target,
                    paid=paid.value,
                    required=row.value.required,
                    available=row.value.available,
                )
                for row, paid in slots
                if row.found is not None and row.value.stuck
            ]
        return tuple(found)


def _within(gas: int | None, beside: int, job: DueJob) -> int:
    """What of a transaction's gas the handler takes."""
    return min(max((gas or 0) - beside, 0), job.effort)


def _most(jobs: Sequence[DueJob]) -> int:
    return max(batch_gas_of([each.effort]) for each in jobs)


def _somebody(address: str) -> str | None:
    return None if address == NOBODY else address


def _row(raw: RawRow) -> JobRow:
    booked = raw.booking_id != 0 and not raw.stuck and not raw.halted and raw.next_run != 0
    state = "booked" if booked else "none"
    for name, holds in (("due", raw.due), ("stuck", raw.stuck), ("halted", raw.halted)):
        state = name if holds else state
    return JobRow(
        number=raw.number,
        target=_somebody(raw.target),
        handler=raw.booking.handler,
        state=state,
        next_run=raw.next_run,
        payout=raw.payout,
        required=raw.required,
        available=raw.available,
        failures=raw.failures,
    )


def _parts(whole: Sequence[T], size: int) -> list[Sequence[T]]:
    return [whole[start : start + size] for start in range(0, len(whole), size)]
