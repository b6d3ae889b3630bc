"""One tick: execute due jobs that pay, then rebook stuck jobs."""

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
    """Return the jobs that run and either pay for themselves or are sponsored."""
    return tuple(
        each.job
        for each in measured
        if each.gas is not None and (each.payout >= each.cost or policy.sponsors(each.job))
    )


def batches(jobs: Sequence[DueJob], policy: RecurringPolicy) -> Iterator[tuple[DueJob, ...]]:
    """Yield batches in order, each as large as transaction size and gas allow.

    A booking too large for any transaction is left out.
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
        due: Whether due bookings are executed.
        failed: Whether events of failed bookings are read.
        sweep: Whether all records are searched for stuck jobs; jobs that stay stuck are reported.
        by_hand: Whether an operator requested the tick; a dry run then repeats the last report.
    """

    due: bool = True
    failed: bool = True
    sweep: bool = False
    by_hand: bool = False


@dataclass(frozen=True, slots=True)
class RecurringResult:
    """Result of a tick.

    Attributes:
        runs: The runs, executions before fixes; empty if there was nothing to do.
        left: The jobs that stay stuck.
    """

    runs: tuple[RunRecord, ...] = ()
    left: tuple[StuckJob, ...] = ()

    @property
    def remedies(self) -> tuple[str, ...]:
        """Return for each remaining job the non-paying account and the call that fixes it."""
        return tuple(remedy_of(each) for each in self.left)

    @property
    def record(self) -> RunRecord | None:
        """Return the first unsuccessful run, else the last one; None without runs."""
        bad = (each for each in self.runs if each.status not in WELL)
        return next(bad, self.runs[-1] if self.runs else None)


WELL = frozenset({RunStatus.DONE, RunStatus.DRY_RUN})


@dataclass(slots=True)
class _Findings:
    """Findings of a tick and the first failed read."""

    stuck: dict[int, StuckJob] = field(default_factory=dict[int, StuckJob])
    problem: ChainError | None = None

    async def read(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Perform one read; return False and keep the error if it fails."""
        try:
            await work()
        except ChainError as error:
            self.problem = self.problem or error
            return False
        return True


async def recurring_tick(
    ports: RecurringDependencies, wanted: RecurringScope, *, armed: bool
) -> RecurringResult:
    """Resolve an interrupted run, then do the requested worthwhile work, if armed.

    Due jobs are executed before stuck ones are searched, and a failed read does not stop the
    others. Several keepers may do this concurrently: jobs done by another keeper are left out when
    a batch is built, and skipped on chain when it is included.

    Returns:
        The stored runs; none if there is nothing to do or gas is too expensive.

    Raises:
        ChainError: A read failed; the other reads were made and their findings handled.
        NotSettledError: The outcome of a transaction is unknown; the run stays open and the next
            tick resolves it.
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
    """Return the current gas price; None if above a limit."""
    try:
        fees = await ports.transactions.fees()
    except FeeAboveCapError as error:
        ports.progress(f"{ports.vault}: postponed: {error}")
        return None
    price = await ports.jobs.base_fee() + fees.priority
    if price > ports.recurring.maximum_price:
        limit = ports.recurring.maximum_price
        ports.progress(
            f"{ports.vault}: postponed: the gas price is {price} wei, above the limit of {limit}"
        )
        return None
    return price


async def _executions(ports: RecurringDependencies, price: int) -> list[Batch]:
    due = await ports.jobs.due()
    measured = await ports.jobs.measure(due, ports.keeper, price) if due else []
    chosen = worthwhile(measured, ports.recurring)
    if len(chosen) < len(due):
        ports.progress(
            f"{ports.vault}: {len(due)} due, {len(chosen)} of them would succeed and pay for "
            "their gas"
        )
    return [execution_of(ports, each) for each in batches(chosen, ports.recurring)]


async def _fixes(
    ports: RecurringDependencies, wanted: RecurringScope, found: _Findings, *, armed: bool
) -> tuple[list[Batch], Sequence[StuckJob]]:
    """Return batches that fix bookable stuck jobs, and the jobs that stay stuck."""

    async def sweep() -> None:
        found.stuck.update({each.number: each for each in await ports.jobs.stuck()})

    async def events() -> None:
        failed = await ports.failures.read()
        found.stuck.update({each.number: each for each in await ports.jobs.stuck_of(failed)})

    swept = wanted.sweep and await found.read(sweep)
    if wanted.failed and await found.read(events) and armed:
        # The sweep finds what this read left out, so it is not read again.
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
