"""One run of recurring batches: each batch is one step, one intent and at most one transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.model.chain import ContractCall
from keepers.model.recurring import EXECUTE, FIX, DueJob, RunReport, StuckJob
from keepers.model.run import NewRun, RunRecord, Stage
from keepers.model.step import BatchStep
from keepers.runs.driver import RunDriver
from keepers.runs.outcomes import runs_in
from keepers.runs.recurring.notifications import NAMED, notify_of_runs
from keepers.runs.recurring.ports import RecurringDependencies
from keepers.runs.results import Ending, StepResult, ending_of
from keepers.runs.strategy import IndependentSteps, RunStrategy, StepRequest

TRIGGER = "recurring"
GONE = "already done by another account"


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """A planned transaction.

    Attributes:
        kind: `EXECUTE`, `FIX` or `MANAGE`.
        call: The planned call.
        count: Number of jobs.
        jobs: The bookings to execute; empty for other kinds.
        request: Text of the operator's request, if there was one.
    """

    kind: str
    call: ContractCall
    count: int
    jobs: tuple[DueJob, ...] = ()
    request: str | None = None

    @property
    def reason(self) -> str:
        """Return the displayed reason."""
        if self.request is not None:
            return self.request
        what = "due" if self.kind == EXECUTE else "stuck"
        return f"{self.count} rebalancer(s) {what}"


@dataclass(frozen=True, slots=True)
class PlannedBatches:
    """The batches of a run with their step ids."""

    batches: Sequence[Batch]
    step_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class RecurringStrategy(RunStrategy[Sequence[Batch], PlannedBatches]):
    """Strategy of recurring batches: all are submitted before any is awaited."""

    ports: RecurringDependencies

    interruption = "{vault}: run {run_id} was interrupted; determining its outcome"
    interrupted = "interrupted; replanned"
    ends_on_errors = False

    async def plan(self, run: NewRun, request: Sequence[Batch]) -> PlannedBatches:
        """Record the batches."""
        ports = self.ports
        detail = {"batches": [{"kind": each.kind, "reason": each.reason} for each in request]}
        ports.store.record_stage(run.run_id, Stage.PLAN, detail)
        step_ids = ports.store.add_steps(run.run_id, _steps(request))
        for each in request:
            ports.progress(f"{ports.vault}: {each.reason}")
        return PlannedBatches(request, step_ids)

    async def execution(self, run: NewRun, plan: PlannedBatches) -> IndependentSteps:
        """Return the batches without jobs that other keepers have executed in the meantime."""
        ports, requests = self.ports, dict[int, StepRequest]()
        expiry = timedelta(seconds=ports.policy.plan_expiry_seconds)
        for index, (step_id, batch) in enumerate(zip(plan.step_ids, plan.batches, strict=True)):
            call = await _current_call(ports, batch)
            if call is None:
                ports.store.skip_step(step_id, GONE)
                continue
            requests[index] = StepRequest(
                step_id=step_id,
                key=f"{run.run_id}:{index}",
                call=call,
                gas_cap=ports.recurring.batch_gas,
                expires_at=ports.clock.now() + expiry,
            )
        titles = {index: f"{ports.vault}: {plan.batches[index].reason}" for index in requests}
        return IndependentSteps(requests=requests, titles=titles, are_batched=True)

    async def verify(
        self, run: NewRun, plan: PlannedBatches, results: Mapping[int, StepResult]
    ) -> Ending:
        """Report the jobs that moved nothing."""
        del run
        reports: list[RunReport] = []
        for index in results:
            reports += await _reports(self.ports, plan.step_ids[index], plan.batches[index])
        notify_of_runs(self.ports, reports)
        short = [str(each) for each in reports if each.needs_attention]
        return ending_of(results, "; ".join(short[:NAMED]) or None)


def execution_of(ports: RecurringDependencies, jobs: tuple[DueJob, ...]) -> Batch:
    """Return the batch that executes the bookings."""
    call = ports.jobs.execution(jobs, ports.keeper)
    return Batch(kind=EXECUTE, call=call, count=len(jobs), jobs=jobs)


def fixes_of(ports: RecurringDependencies, stuck: Sequence[StuckJob]) -> list[Batch]:
    """Return the batches that fix the rebalancers."""
    made = ports.jobs.fixes(stuck, ports.recurring.fixes)
    return [Batch(kind=FIX, call=call, count=count) for call, count in made]


def driver_of(ports: RecurringDependencies) -> RunDriver[Sequence[Batch], PlannedBatches]:
    """Return the driver of a keeper's batches."""
    return RunDriver(ports, RecurringStrategy(ports))


def was_shown(ports: RecurringDependencies, batches: Sequence[Batch]) -> bool:
    """Return whether the newest run was a recent dry run of the same batches."""
    return driver_of(ports).was_shown(_steps(batches))


async def run_batches(
    ports: RecurringDependencies, batches: Sequence[Batch], *, armed: bool
) -> RunRecord:
    """Store the batches and send them if armed.

    Raises:
        NotSettledError: The outcome of a transaction is unknown; the run stays open.
    """
    driver = driver_of(ports)
    return await driver.conduct(driver.open(TRIGGER, armed=armed), batches)


async def _reports(ports: RecurringDependencies, step_id: int, batch: Batch) -> list[RunReport]:
    """Return the reports of the team's own runs in a batch; other runs do not count."""
    known = {(each.handler, each.target) for each in batch.jobs if each.paid}
    outcome = (await ports.transactions.step(step_id)).outcome
    return [each for each in runs_in(outcome) if (each.handler, each.target) in known]


async def _current_call(ports: RecurringDependencies, batch: Batch) -> ContractCall | None:
    """Return the call without jobs that others have executed; None if nothing is left.

    Fixes are not checked again: fixing a booked job costs little and changes nothing.
    """
    if batch.kind != EXECUTE:
        return batch.call
    left = await ports.jobs.runnable(batch.jobs, ports.keeper)
    return ports.jobs.execution(left, ports.keeper) if left else None


def _steps(batches: Sequence[Batch]) -> list[BatchStep]:
    return [
        BatchStep(
            index=index,
            kind=batch.kind,
            reason=batch.reason,
            target=batch.call.target,
            calldata=batch.call.calldata,
            jobs=batch.count,
        )
        for index, batch in enumerate(batches)
    ]
