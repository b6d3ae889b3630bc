"""A run of batches: each is one step, one intent, and at most one transaction that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from keepers.model.chain import ContractCall
from keepers.model.recurring import EXECUTE, FIX, DueJob, RunReport, StuckJob
from keepers.model.run import NewStep, RunRecord
from keepers.runs.calls import begin_run, end_dry, end_run, intent_of, is_told_dry, step_of
from keepers.runs.recurring.notifications import NAMED, tell_of_runs
from keepers.runs.recurring.outcomes import runs_in
from keepers.runs.recurring.ports import RecurringWorld
from keepers.runs.tiers.action import StepResult
from keepers.runs.tiers.submission import settle

TRIGGER = "recurring"
GONE = "others have done it"


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


def execution_of(world: RecurringWorld, jobs: tuple[DueJob, ...]) -> Batch:
    """The batch that executes these bookings."""
    call = world.jobs.execution(jobs, world.keeper)
    return Batch(kind=EXECUTE, call=call, count=len(jobs), jobs=jobs)


def fixes_of(world: RecurringWorld, stuck: Sequence[StuckJob]) -> list[Batch]:
    """The batches that fix these rebalancers."""
    made = world.jobs.fixes(stuck, world.recurring.fixes)
    return [Batch(kind=FIX, call=call, count=count) for call, count in made]


def is_told(world: RecurringWorld, made: Sequence[Batch]) -> bool:
    """Whether the newest run was a dry one of the same batches, not long ago."""
    return is_told_dry(world, [_step(*each) for each in enumerate(made)])


async def run_batches(world: RecurringWorld, made: Sequence[Batch], *, armed: bool) -> RunRecord:
    """Journal the batches and, if armed, send them; all are under way before any is waited for.

    Raises:
        NotSettledError: How a transaction ended is not known; the run stays open.
    """
    run_id = str(uuid4())
    detail = {"batches": [{"kind": each.kind, "reason": each.reason} for each in made]}
    planned = [_step(*each) for each in enumerate(made)]
    steps = begin_run(world, run_id, TRIGGER, detail, planned, armed=armed)
    for each in made:
        world.say(f"{world.vault}: {each.reason}")
    if not armed:
        return end_dry(world, run_id, steps)
    asked: dict[int, int] = {}
    for index, (step_id, batch) in enumerate(zip(steps, made, strict=True)):
        call = await _still(world, batch)
        if call is None:
            world.journal.skip_step(step_id, GONE)
        else:
            asked[index] = await _ask(world, run_id, step_id, index, call)
    results: dict[int, StepResult] = {}
    reports: list[RunReport] = []
    for index, intent_id in asked.items():
        results[index] = await settle(world, intent_id)
        world.say(f"{world.vault}: {made[index].reason}: {results[index].status.lower()}")
        reports += await _reports(world, steps[index], made[index])
    tell_of_runs(world, reports)
    short = [str(each) for each in reports if each.needs_attention]
    return end_run(world, run_id, results, "; ".join(short[:NAMED]) or None)


async def _reports(world: RecurringWorld, step_id: int, batch: Batch) -> list[RunReport]:
    """What came of each run of the team's in a batch; what others emit does not count."""
    known = {(each.handler, each.target) for each in batch.jobs if each.paid}
    outcome = (await world.transactions.step(step_id)).outcome
    return [each for each in runs_in(outcome) if (each.handler, each.target) in known]


async def _still(world: RecurringWorld, batch: Batch) -> ContractCall | None:
    """The call without what others have done meanwhile; None where nothing is left.

    Fixes are not looked at again: a fix of what is booked costs little and changes nothing.
    """
    if batch.kind != EXECUTE:
        return batch.call
    left = await world.jobs.runnable(batch.jobs, world.keeper)
    return world.jobs.execution(left, world.keeper) if left else None


async def _ask(
    world: RecurringWorld, run_id: str, step_id: int, index: int, call: ContractCall
) -> int:
    expires = world.clock.now() + timedelta(seconds=world.policy.plan_expiry_seconds)
    return await world.transactions.submit(
        intent_of(
            world,
            call,
            step_id=step_id,
            key=f"{run_id}:{index}",
            gas_cap=world.recurring.batch_gas,
            expires_at=expires,
        )
    )


def _step(index: int, batch: Batch) -> NewStep:
    return step_of(
        index,
        batch.call,
        kind=batch.kind,
        asset=batch.call.target,
        symbol=batch.kind.lower(),
        amount=batch.count,
        amount_in=batch.count,
        quoted_out=0,
        reason=batch.reason,
    )
