"""Records of recurring rebalancers on chain: due, stuck, and all of them."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.batch import ReadBatch
from keepers.chain.codec import ZERO_ADDRESS, same
from keepers.chain.contracts.recurring import (
    GENERATION_BITS,
    PaidRebalancerRegistry,
    RawRow,
    RebalanceSupervisor,
    SchedulerLens,
    TransactionScheduler,
)
from keepers.chain.node import Node
from keepers.chain.recurring.split import in_parts, is_too_much, pages
from keepers.model.errors.chain import BadAnswerError, ChainError
from keepers.model.recurring import DueJob, FailedBooking, Funding, JobRow, StuckJob

ROWS = 100
"""Records read in one request with all their details."""

STUCK_ROWS = 50
"""Stuck records read in one request, each with four calls of its handler."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class RecurringRecords:
    """Reader of records; `page` records are read in one request.

    Anyone can have a record, with a handler of any code. Handlers are called through the lens, with
    bounded gas and bounded results. A request that fails is split, down to one record, which is
    then skipped.
    """

    def __init__(self, node: Node, addresses: RecurringAddresses, page: int) -> None:
        self._node = node
        self._addresses = addresses
        self._page = page
        self._scheduler = TransactionScheduler(addresses.scheduler)
        self._lens = SchedulerLens(addresses.lens)
        self._registry = PaidRebalancerRegistry(addresses.registry)

    async def base_fee(self) -> int:
        """Return the base fee of the newest block, in wei."""
        return (await self._node.head()).base_fee

    async def due(self) -> tuple[DueJob, ...]:
        """Return the bookings that can be executed now and need no data."""
        block, ends = await self._begin()

        async def page(first: int, count: int) -> tuple[Sequence[int], int]:
            found = await self._node.read(self._scheduler.check_upkeep(first, count), block)
            return found, first + count

        async def details(part: Sequence[int]) -> Sequence[DueJob]:
            return await self._due(part, block)

        found = await in_parts(await pages(ends, self._page, page), ROWS, details)
        return tuple(each for each in found if each is not None)

    async def stuck(self) -> tuple[StuckJob, ...]:
        """Return all stuck records, read page by page."""
        block, ends = await self._begin()

        async def page(first: int, count: int) -> tuple[Sequence[int], int]:
            return await self._node.read(self._lens.sweep(first, count), block)

        return await self._stuck_among(await pages(ends, self._page, page), block)

    async def stuck_of(self, failed: Sequence[FailedBooking]) -> tuple[StuckJob, ...]:
        """Return the failed bookings that are still stuck, if the scheduler has the handler.

        Contracts that emitted an event are called through the lens, and their results are checked;
        one that burns its gas, returns too much or nothing affects no other.
        """
        if not failed:
            return ()
        block, ends = await self._begin()
        registry = self._registry.address
        targets = [each.target for each in failed if same(each.handler, registry)]
        handlers = {each.handler for each in failed if not same(each.handler, registry)}
        claimed = await self._claimed(targets, sorted(handlers), block)
        numbers = sorted({number for number, _ in claimed if 0 < number < ends})
        found = await self._stuck_among(numbers, block)
        return tuple(each for each in found if (each.number, each.handler.lower()) in claimed)

    async def rows(self) -> tuple[JobRow, ...]:
        """Return every record."""
        block, ends = await self._begin()

        async def page(first: int, count: int) -> tuple[Sequence[RawRow], int]:
            return await self._node.read(self._lens.page(first, count), block)

        rows = [_row(each) for each in await pages(ends, ROWS, page)]
        supervisor = await self._supervisor(block)
        if supervisor is None:
            return tuple(rows)
        return tuple(supervisor if each.number == supervisor.number else each for each in rows)

    async def _begin(self) -> tuple[int, int]:
        """Return the newest block, and the end of the records."""
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
                target=_unless_zero(target.found),
                handler=booking.value.handler,
                effort=booking.value.effort,
                fee=booking.value.fee,
                paid=same(booking.value.handler, self._registry.address),
            )
            for each, booking, target in slots
        ]

    async def _claimed(
        self, targets: Sequence[str], handlers: Sequence[str], block: int
    ) -> set[tuple[int, str]]:
        """Return the registry's records of targets, and the records claimed by handlers."""

        async def of_registry(part: Sequence[str]) -> Sequence[int]:
            batch = ReadBatch(self._node)
            slots = [batch.add(self._registry.number_of(each)) for each in part]
            await batch.run(block)
            return [each.found or 0 for each in slots]

        async def of_others(part: Sequence[str]) -> Sequence[int]:
            found: list[int] = []
            while len(found) < len(part):
                more = await self._node.read(self._lens.numbers(part[len(found) :]), block)
                if not more:
                    raise BadAnswerError("eth_call", "not a number of a contract")
                found += more
            return found

        registry = self._addresses.registry.lower()
        known = await in_parts(targets, ROWS, of_registry)
        others = await in_parts(handlers, ROWS, of_others)
        return {(number, registry) for number in known if number is not None} | {
            (number, handler.lower())
            for number, handler in zip(others, handlers, strict=True)
            if number is not None
        }

    async def _stuck_among(self, numbers: Sequence[int], block: int) -> tuple[StuckJob, ...]:
        """Return the stuck records among some, with the balances of their payers."""

        async def read(part: Sequence[int]) -> Sequence[StuckJob | None]:
            return await self._stuck(part, block)

        found = await in_parts(numbers, STUCK_ROWS, read)
        return tuple(each for each in found if each is not None)

    async def _stuck(self, part: Sequence[int], block: int) -> list[StuckJob | None]:
        batch = ReadBatch(self._node)
        slots = [
            (batch.add(self._lens.row(each)), batch.add(self._lens.is_paid(each))) for each in part
        ]
        await batch.run(block)
        rows = [(row.found, bool(paid.found)) for row, paid in slots]
        batch = ReadBatch(self._node)
        accounts = [
            None
            if row is None
            else batch.add(self._scheduler.account(row.booking.payer, row.booking.handler))
            for row, _ in rows
        ]
        await batch.run(block)
        return [
            None
            if row is None or not row.stuck or account is None
            else StuckJob(
                number=row.number,
                handler=row.booking.handler,
                target=row.target,
                paid=paid,
                required=row.required,
                available=row.available,
                funding=Funding(
                    payer=row.booking.payer,
                    is_external=row.is_external,
                    balance=account.value[0],
                    per_run=account.value[1],
                    per_day=account.value[2],
                ),
            )
            for (row, paid), account in zip(rows, accounts, strict=True)
        ]

    async def _supervisor(self, block: int) -> JobRow | None:
        """Return the supervisor's record, which is not a job in the lens; None if unreadable."""
        try:
            return await self._read_supervisor(block)
        except ChainError as error:
            if not is_too_much(error, 1):
                raise
            _log.warning("the supervisor cannot be read", reason=str(error))
            return None

    async def _read_supervisor(self, block: int) -> JobRow:
        known = RebalanceSupervisor(self._addresses.supervisor)
        batch = ReadBatch(self._node)
        number_of, schedule = batch.add(known.number()), batch.add(known.schedule())
        next_tick = batch.add(known.next_tick())
        await batch.run(block)
        number, (_, _, margin, _) = number_of.found or 0, schedule.found or (0, 0, 0, 0)
        batch = ReadBatch(self._node)
        row = batch.add(self._lens.row(number))
        required = batch.add(self._scheduler.rearm_fee(number, margin))
        available = batch.add(self._scheduler.available_to(known.address, known.address))
        await batch.run(block)
        found, fee, there = row.found, required.found or 0, available.found or 0
        state, next_run = "none", 0
        if number and found is not None:
            state = "booked" if found.next_run else "unfunded" if there < fee else "unbooked"
            state = "due" if found.due else state
            next_run = found.next_run or next_tick.found or 0
        return JobRow(
            number=number,
            target=None,
            handler=known.address,
            state=state,
            next_run=next_run,
            payout=0 if found is None else found.payout,
            required=fee,
            available=there,
            failures=0,
            is_supervisor=True,
        )


def _row(raw: RawRow) -> JobRow:
    booked = raw.booking_id != 0 and not raw.stuck and not raw.halted and raw.next_run != 0
    state = "booked" if booked else "none"
    for name, holds in (("due", raw.due), ("stuck", raw.stuck), ("halted", raw.halted)):
        state = name if holds else state
    return JobRow(
        number=raw.number,
        target=_unless_zero(raw.target),
        handler=raw.booking.handler,
        state=state,
        next_run=raw.next_run,
        payout=raw.payout,
        required=raw.required,
        available=raw.available,
        failures=raw.failures,
        last_run=raw.last_run,
        effort=raw.booking.effort,
    )


def _unless_zero(address: str | None) -> str | None:
    return None if address in (None, ZERO_ADDRESS) else address
