"""One tick: what is due is executed where it pays, then what is stuck is booked again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field

from structlog.contextvars import bound_contextvars

from keepers.model.errors.chain import ChainError, FeeAboveCapError
from keepers.model.recurring import DueJob, MeasuredJob, RecurringPolicy, StuckJob, batch_gas_of
from keepers.model.run import RunRecord, RunStatus
from keepers.runs.recurring.notifications import notify_of_stuck, remedy_of
from keepers.runs.recurring.ports import RecurringDependencies
from keepers.runs.recurring.run import (
    Batch,
    driver_of,
    execution_of,
    fixes_of,
    run_batches,
    was_shown,
)


def worthwhile(measured: Sequence[MeasuredJob], policy: RecurringPolicy) -> tuple[DueJob, ...]:
    """Return the jobs that run and pay for themselves or are sponsored."""
    return tuple(
        each.job
        for each in measured
        if each.gas is not None and (each.payout >= each.cost or policy.sponsors(each.job))
    )


def batches(jobs: Sequence[DueJob], policy: RecurringPolicy) -> Iterator[tuple[DueJob, ...]]:
    """Yield batches in order, each as large as size and gas of a transaction admit.

    A booking that is too large for any transaction is left out.
    """
    batch: list[DueJob] = []
    for job in jobs:
        if batch_gas_of([job.effort]) > policy.batch_gas:
            continue
        efforts = [each.effort for each in (*batch, job)]
        if len(efforts) > policy.batch_size or batch_gas_of(efforts) > policy.batch_gas:
            yield tuple(batch)
            batch = []
        batch.append(job)
    if batch:
        yield tuple(batch)


@dataclass(frozen=True, slots=True)
class RecurringScope:
    """Work of one tick.

    Attributes:
        due: Whether bookings that are due are executed.
        failed: Whether events of failed bookings are read.
        sweep: Whether all records are read for what is stuck; what stays stuck is reported.
        by_hand: Whether an operator asks; a dry run then reports again what the last one did.
    """

    due: bool = True
    failed: bool = True
    sweep: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class RecurringResult:
    """Result of a tick.

    Attributes:
        runs: Its runs, executions before fixes; none where there was nothing to do.
        left: What stays stuck, and what to do about each, in the same order.
    """

    runs: tuple[RunRecord, ...] = ()
    left: tuple[StuckJob, ...] = ()

    @property
    def remedies(self) -> tuple[str, ...]:
        """The account that does not pay for each job that is left, and the call that fixes it."""
        return tuple(remedy_of(each) for each in self.left)

    @property
    def record(self) -> RunRecord | None:
        """The first run that did not end well, or the last one; None where there is none."""
        bad = (each for each in self.runs if each.status not in WELL)
        return next(bad, self.runs[-1] if self.runs else None)


WELL = frozenset({RunStatus.DONE, RunStatus.DRY_RUN})


@dataclass(slots=True)
class _Findings:
    """Findings of a tick, and the first read that failed."""

    stuck: dict[int, StuckJob] = field(default_factory=dict[int, StuckJob])
    problem: ChainError | None = None

    async def read(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do one read; a failure stops no other."""
        try:
            await work()
        except ChainError as error:
            self.problem = self.problem or error
            return False
        return True


async def recurring_tick(
    ports: RecurringDependencies, wanted: RecurringScope, *, armed: bool
) -> RecurringResult:
    """Resolve what was interrupted, then do what is wanted and worthwhile, if armed.

    What is due is executed before anything stuck is searched for, and no failed read stops
    another. Several keepers may do this at once: what another one did first is left out when a
    batch is made, and the batch leaves out what is gone when it is included.

    Returns:
        The runs as the store holds them; none where there is nothing to do, or gas is too dear.

    Raises:
        ChainError: A read failed; the others were made, and what they found is done.
        NotSettledError: How a transaction ended is not known; the run stays open, and the next tick
            finds out.
    """
    with bound_contextvars(vault=ports.vault):
        await driver_of(ports).recover(armed=armed)
        price = await _price(ports)
        if price is None:
            return RecurringResult()
        runs: list[RunRecord] = []
        found, made = _Findings(), list[Batch]()

        async def executions() -> None:
            made.extend(await _executions(ports, price))

        if wanted.due:
            await found.read(executions)
        if armed and made:
            runs.append(await run_batches(ports, made, armed=True))
            made = []
        fixes, left = await _fixes(ports, wanted, found, armed=armed)
        made += fixes
        if made and (armed or wanted.by_hand or not was_shown(ports, made)):
            runs.append(await run_batches(ports, made, armed=armed))
        if found.problem is not None:
            raise found.problem
        return RecurringResult(tuple(runs), tuple(left))


async def _price(ports: RecurringDependencies) -> int | None:
    """Return the price of a unit of gas now; None where that is above a limit."""
    try:
        fees = await ports.transactions.fees()
    except FeeAboveCapError as error:
        ports.progress(f"{ports.vault}: put off: {error}")
        return None
    price = await ports.jobs.base_fee() + fees.priority
    if price > ports.recurring.maximum_price:
        limit = ports.recurring.maximum_price
        ports.progress(f"{ports.vault}: put off: gas costs {price} wei, above the limit of {limit}")
        return None
    return price


async def _executions(ports: RecurringDependencies, price: int) -> list[Batch]:
    due = await ports.jobs.due()
    measured = await ports.jobs.measure(due, ports.keeper, price) if due else []
    chosen = worthwhile(measured, ports.recurring)
    if len(chosen) < len(due):
        ports.progress(f"{ports.vault}: {len(due)} due, {len(chosen)} of them run and pay")
    return [execution_of(ports, each) for each in batches(chosen, ports.recurring)]


async def _fixes(
    ports: RecurringDependencies, wanted: RecurringScope, found: _Findings, *, armed: bool
) -> tuple[list[Batch], Sequence[StuckJob]]:
    """Return batches that fix what is stuck and can be booked, and what stays stuck."""

    async def sweep() -> None:
        found.stuck.update({each.number: each for each in await ports.jobs.stuck()})

    async def events() -> None:
        failed = await ports.failures.read()
        found.stuck.update({each.number: each for each in await ports.jobs.stuck_of(failed)})

    swept = wanted.sweep and await found.read(sweep)
    if wanted.failed and await found.read(events) and armed:
        # The sweep finds what this read left out; it is not read again for ever.
        ports.failures.dealt_with()
    stuck, fixable = list(found.stuck.values()), list[StuckJob]()

    async def simulate() -> None:
        fixable.extend(await ports.jobs.fixable(stuck, ports.keeper, ports.recurring.fix_gas))

    if stuck and not await found.read(simulate):
        return [], stuck
    booked = {each.number for each in fixable}
    left = [each for each in stuck if each.number not in booked]
    if swept and armed:
        notify_of_stuck(ports, left)
    return fixes_of(ports, fixable), left
