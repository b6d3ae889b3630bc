"""One run of recurring batches: each is one step, one intent, and at most one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.model.chain import ContractCall
from keepers.model.recurring import EXECUTE, FIX, DueJob, RunReport, StuckJob
from keepers.model.run import RunRecord, RunStatus
from keepers.model.step import BatchStep
from keepers.runs.driver import DRY, RunDriver, RunStrategy, StepRequest
from keepers.runs.outcomes import runs_in
from keepers.runs.recurring.notifications import NAMED, notify_of_runs
from keepers.runs.recurring.ports import RecurringDependencies
from keepers.runs.results import StepResult

TRIGGER = "recurring"
GONE = "others have done it"

STRATEGY = RunStrategy(
    interruption="{vault}: run {run_id} was interrupted; finding out how it ended",
    interrupted="interrupted; looked for anew",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A transaction to be made.

    Attributes:
        kind: `EXECUTE`, `FIX` or `MANAGE`.
        call: The call as it is planned.
        count: How many jobs it has.
        jobs: The bookings that it executes; none where it fixes.
        told: What a person asked for.
    """

    kind: str
    call: ContractCall
    count: int
    jobs: tuple[DueJob, ...] = ()
    told: str | None = None

    @property
    def reason(self) -> str:
        """Why, for people."""
        if self.told is not None:
            return self.told
        what = "due" if self.kind == EXECUTE else "stuck"
        return f"{self.count} rebalancer(s) {what}"


def execution_of(world: RecurringDependencies, jobs: tuple[DueJob, ...]) -> Batch:
    """The batch that executes these bookings."""
    call = world.jobs.execution(jobs, world.keeper)
    return Batch(kind=EXECUTE, call=call, count=len(jobs), jobs=jobs)


def fixes_of(world: RecurringDependencies, stuck: Sequence[StuckJob]) -> list[Batch]:
    """The batches that fix these rebalancers."""
    made = world.jobs.fixes(stuck, world.recurring.fixes)
    return [Batch(kind=FIX, call=call, count=count) for call, count in made]


def driver_of(world: RecurringDependencies) -> RunDriver:
    """Return the driver of a keeper's batches."""
    return RunDriver(world, STRATEGY)


def was_shown(world: RecurringDependencies, made: Sequence[Batch]) -> bool:
    """Return whether the newest run was a recent dry run of the same batches."""
    return driver_of(world).was_shown([_step(*each) for each in enumerate(made)])


async def run_batches(
    world: RecurringDependencies, made: Sequence[Batch], *, armed: bool
) -> RunRecord:
    """Store the batches and, if armed, send them; all are submitted before any is waited for.

    Raises:
        NotSettledError: How a transaction ended is not known; the run stays open.
    """
    driver = driver_of(world)
    run_id = driver.open(TRIGGER, armed=armed).run_id
    detail = {"batches": [{"kind": each.kind, "reason": each.reason} for each in made]}
    steps = driver.plan(run_id, detail, [_step(*each) for each in enumerate(made)])
    for each in made:
        world.progress(f"{world.vault}: {each.reason}")
    if not armed:
        return driver.close(run_id, RunStatus.DRY_RUN, DRY)
    requests = await _requests(world, run_id, steps, made)
    intents = await driver.submit(list(requests.values()))
    results: dict[int, StepResult] = {}
    reports: list[RunReport] = []
    for index, intent_id in zip(requests, intents, strict=True):
        results[index] = await driver.settle(intent_id)
        world.progress(f"{world.vault}: {made[index].reason}: {results[index].status.lower()}")
        reports += await _reports(world, steps[index], made[index])
    notify_of_runs(world, reports)
    short = [str(each) for each in reports if each.needs_attention]
    return driver.finish(run_id, results, "; ".join(short[:NAMED]) or None)


async def _requests(
    world: RecurringDependencies, run_id: str, steps: Sequence[int], made: Sequence[Batch]
) -> dict[int, StepRequest]:
    """Return the requests by the batches' indices; a batch that others have executed is skipped."""
    found: dict[int, StepRequest] = {}
    for index, (step_id, batch) in enumerate(zip(steps, made, strict=True)):
        call = await _still(world, batch)
        if call is None:
            world.journal.skip_step(step_id, GONE)
            continue
        found[index] = StepRequest(
            step_id=step_id,
            key=f"{run_id}:{index}",
            call=call,
            gas_cap=world.recurring.batch_gas,
            expires_at=world.clock.now() + timedelta(seconds=world.policy.plan_expiry_seconds),
        )
    return found


async def _reports(world: RecurringDependencies, step_id: int, batch: Batch) -> list[RunReport]:
    """Return the result of each of the team's runs in a batch; events of others do not count."""
    known = {(each.handler, each.target) for each in batch.jobs if each.paid}
    outcome = (await world.transactions.step(step_id)).outcome
    return [each for each in runs_in(outcome) if (each.handler, each.target) in known]


async def _still(world: RecurringDependencies, batch: Batch) -> ContractCall | None:
    """The call without what others have done meanwhile; None where nothing is left.

    Fixes are not looked at again: a fix of what is booked costs little and changes nothing.
    """
    if batch.kind != EXECUTE:
        return batch.call
    left = await world.jobs.runnable(batch.jobs, world.keeper)
    return world.jobs.execution(left, world.keeper) if left else None


def _step(index: int, batch: Batch) -> BatchStep:
    return BatchStep(
        index=index,
        kind=batch.kind,
        reason=batch.reason,
        target=batch.call.target,
        calldata=batch.call.calldata,
        jobs=batch.count,
    )
