"""A run from beginning to end: seven stages, each durable before the next."""

from __future__ import annotations

from uuid import uuid4

from structlog.contextvars import bound_contextvars

from keepers.domain.errors import BallastError
from keepers.domain.errors_transaction import NotSettled
from keepers.domain.run import NewRun, RunRecord, RunStatus, Stage
from keepers.domain.tier_plan import TriggerChoice
from keepers.engine.rebalance.approval import check_approval
from keepers.engine.rebalance.execution import Execution
from keepers.engine.rebalance.plan import Planned, make_plan
from keepers.engine.rebalance.record import close, failures_of, has_open_steps, status_of
from keepers.engine.rebalance.recovery import recover, settle_earlier
from keepers.engine.rebalance.risk import check_risk, shortfalls_of
from keepers.engine.rebalance.simulation import simulate
from keepers.engine.rebalance.verification import take_sample, verify
from keepers.engine.rebalance.world import RunRefusedError, World

DRY = "nothing sent; use --arm"
TOO_SMALL = "every part of it is too small"


async def run_once(world: World, trigger: TriggerChoice, *, armed: bool) -> RunRecord:
    """Resolve what was interrupted, then plan and, if armed, rebalance once.

    Returns:
        The run as the journal holds it; a plan that was refused or failed is a result too.

    Raises:
        BallastError: How a transaction ended is not known; the run stays open, and the next one
            finds out.
    """
    await recover(world, armed=armed)
    if armed:
        await settle_earlier(world)
    run = NewRun(
        run_id=str(uuid4()),
        vault=world.vault,
        chain_id=world.chain_id,
        trigger=str(trigger),
        armed=armed,
        started_at=world.clock.now(),
    )
    world.journal.open_run(run)
    try:
        with bound_contextvars(run=run.run_id, vault=world.vault):
            status, reason = await _stages(world, run, trigger)
    except RunRefusedError as refusal:
        status, reason = RunStatus.REFUSED, refusal.reason
    except NotSettled:
        raise
    except BallastError as error:
        if has_open_steps(world.journal.run(run.run_id)):
            raise
        status, reason = RunStatus.FAILED, str(error)
    return close(world, run.run_id, status, reason)


async def _stages(
    world: World, run: NewRun, trigger: TriggerChoice
) -> tuple[RunStatus, str | None]:
    snapshot = await world.chain.snapshot()
    take_sample(world, snapshot, "before")
    world.say(f"plan: vault {world.vault} at block {snapshot.block_number}")
    planned = await make_plan(world, run.run_id, trigger, snapshot)
    for cause in planned.plan.triggers:
        world.say(f"plan: {cause.reason}")
    world.say(f"plan: {len(planned.actions)} action(s)")
    for warning in await check_risk(world, run.run_id, planned):
        world.say(f"risk: warning: {warning}")
    short = "; ".join(shortfalls_of(planned))
    if planned.plan.actions and not planned.actions:
        raise RunRefusedError(
            Stage.PLAN, f"nothing of the plan can be traded: {short or TOO_SMALL}"
        )
    if not planned.actions:
        return RunStatus.NOTHING_TO_DO, None
    world.say("risk: passed")
    check_approval(world, run.run_id, planned)
    world.say("approval: none needed")
    after = await simulate(world, run.run_id, planned)
    world.say("simulation: passed")
    if not run.armed:
        return RunStatus.DRY_RUN, _joined(DRY, short)
    status, reason = await _send(world, run, planned, after)
    return status, _joined(reason, short)


async def _send(
    world: World, run: NewRun, planned: Planned, after: tuple[int, int, int]
) -> tuple[RunStatus, str | None]:
    results = await Execution(world, planned).run(run.run_id)
    record = world.journal.run(run.run_id)
    status, reason = status_of(record), failures_of(record)
    try:
        alert = await verify(world, run.run_id, planned.snapshot, after, results)
    except BallastError as error:
        return status, reason or f"done, but the result cannot be verified: {error}"
    world.say("verification: ALERT: not as simulated" if alert else "verification: as simulated")
    return status, reason


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
