"""Rows of the lens: stuck records with their payers, and all records."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from keepers.chain.addresses import RecurringAddresses
from keepers.chain.batch import ReadBatch
from keepers.chain.contracts.recurring import (
    NOBODY,
    RawRow,
    RebalanceSupervisor,
    SchedulerLens,
    TransactionScheduler,
)
from keepers.chain.node import Node
from keepers.chain.recurring.split import in_parts, is_too_much, pages
from keepers.model.errors.chain import ChainError
from keepers.model.recurring import Funding, JobRow, StuckJob

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

STUCK_ROWS = 50
"""Stuck records that are read in one request: each asks its handler four times."""


class RecordRows:
    """Reads the lens's rows; what misbehaves is left out, one record at a time."""

    def __init__(self, node: Node, addresses: RecurringAddresses) -> None:
        self._node = node
        self._addresses = addresses
        self._scheduler = TransactionScheduler(addresses.scheduler)
        self._lens = SchedulerLens(addresses.lens)

    async def stuck(self, numbers: Sequence[int], block: int) -> tuple[StuckJob, ...]:
        """Return the stuck ones of the records, with the balances of their payers."""

        async def read(part: Sequence[int]) -> Sequence[StuckJob | None]:
            return await self._stuck(part, block)

        found = await in_parts(numbers, STUCK_ROWS, read)
        return tuple(each for each in found if each is not None)

    async def all(self, ends: int, block: int, size: int) -> tuple[JobRow, ...]:
        """Every record."""

        async def page(first: int, count: int) -> tuple[Sequence[RawRow], int]:
            return await self._node.read(self._lens.page(first, count), block)

        rows = [_row(each) for each in await pages(ends, size, page)]
        supervisor = await self._supervisor(block)
        if supervisor is None:
            return tuple(rows)
        return tuple(supervisor if each.number == supervisor.number else each for each in rows)

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
        """The supervisor's record, which is no rebalancer's, so that the lens has no job of it."""
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
        target=None if raw.target == NOBODY else raw.target,
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
