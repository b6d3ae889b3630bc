"""A run of batches: each is one step, one intent, and at most one transaction that counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from keepers.domain.chain import ContractCall
from keepers.domain.recurring import EXECUTE, FIX, DueJob, StuckJob
from keepers.domain.run import NewRun, NewStep, RunRecord, RunStatus, Stage, StepStatus
from keepers.domain.transaction.records import NewIntent
from keepers.engine.rebalance.action import StepResult
from keepers.engine.rebalance.details import results_detail
from keepers.engine.rebalance.sending import settle
from keepers.engine.recurring.ports import RecurringWorld

TRIGGER = "recurring"
DRY = "nothing sent; use --arm"
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


async def run_batches(world: RecurringWorld, made: Sequence[Batch], *, armed: bool) -> RunRecord:
    """Journal the batches and, if armed, send them; all are under way before any is waited for.

    Raises:
        NotSettled: How a transaction ended is not known; the run stays open.
    """
    run_id = str(uuid4())
    steps = _open(world, run_id, made, armed=armed)
    if not armed:
        for step_id in steps:
            world.journal.skip_step(step_id, DRY)
        world.journal.close_run(run_id, RunStatus.DRY_RUN, DRY)
        return world.journal.run(run_id)
    asked: dict[int, int] = {}
    for index, (step_id, batch) in enumerate(zip(steps, made, strict=True)):
        call = await _still(world, batch)
        if call is None:
            world.journal.skip_step(step_id, GONE)
        else:
            asked[index] = await _ask(world, run_id, step_id, index, call)
    results: dict[int, StepResult] = {}
    for index, intent_id in asked.items():
        results[index] = await settle(world, intent_id)
        world.say(f"{world.vault}: {made[index].reason}: {results[index].status.lower()}")
    return _close(world, run_id, results)


def _open(
    world: RecurringWorld, run_id: str, made: Sequence[Batch], *, armed: bool
) -> tuple[int, ...]:
    run = NewRun(
        run_id=run_id,
        vault=world.vault,
        chain_id=world.chain_id,
        trigger=TRIGGER,
        armed=armed,
        started_at=world.clock.now(),
    )
    world.journal.open_run(run)
    detail = {"batches": [{"kind": each.kind, "reason": each.reason} for each in made]}
    world.journal.record_stage(run_id, Stage.PLAN, detail)
    for each in made:
        world.say(f"{world.vault}: {each.reason}")
    return world.journal.add_steps(run_id, [_step(*each) for each in enumerate(made)])


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
        NewIntent(
            step_id=step_id,
            idempotency_key=f"{run_id}:{index}",
            chain_id=world.chain_id,
            sender=world.keeper,
            target=call.target,
            calldata=call.calldata,
            value=0,
            gas_cap=world.recurring.batch_gas,
            expires_at=expires,
        )
    )


def _close(world: RecurringWorld, run_id: str, results: dict[int, StepResult]) -> RunRecord:
    world.journal.record_stage(run_id, Stage.EXECUTION, results_detail(results))
    done = [each.status is StepStatus.DONE for each in results.values()]
    status = RunStatus.PARTIAL if any(done) else RunStatus.FAILED
    if all(done):
        status = RunStatus.DONE
    reason = next((each.error for each in results.values() if each.error is not None), None)
    world.journal.close_run(run_id, status, reason)
    return world.journal.run(run_id)


def _step(index: int, batch: Batch) -> NewStep:
    """A batch as the journal has steps: nothing is bought, and nothing is promised."""
    return NewStep(
        index=index,
        kind=batch.kind,
        tier=0,
        asset=batch.call.target,
        symbol=batch.kind.lower(),
        amount=batch.count,
        amount_in=batch.count,
        quoted_out=0,
        minimum_out=0,
        priority=0,
        depends_on=(),
        reason=batch.reason,
        target=batch.call.target,
        calldata=batch.call.calldata,
        estimated_slippage_bps="0",
    )
