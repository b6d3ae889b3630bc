"""A run from beginning to end: seven stages, each durable before the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from structlog.contextvars import bound_contextvars

from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, NotSettledError, StaleLeaseError
from keepers.model.run import NewRun, RunRecord, RunStatus, Stage
from keepers.model.tick import ALONE, Occasion
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.calls import DRY
from keepers.runs.tiers.approval import check_approval
from keepers.runs.tiers.build_actions import Planned, make_plan
from keepers.runs.tiers.dependencies import RunRefusedError, World
from keepers.runs.tiers.execute_and_verify import carry_out
from keepers.runs.tiers.execution import Execution
from keepers.runs.tiers.offers import has_replacement, is_refused_sale
from keepers.runs.tiers.record import close, has_open_steps
from keepers.runs.tiers.recovery import follower_of, new_run, resume, settle_earlier
from keepers.runs.tiers.risk import (
    assess_risk,
    leave_waiting,
    nothing_tradable,
    shortfalls_of,
)
from keepers.runs.tiers.shape import refuse_turned_down
from keepers.runs.tiers.simulation import simulate
from keepers.runs.tiers.tier_plan import Proposal, propose, rest_of, rest_text
from keepers.runs.tiers.verification import take_sample

AFTER_APPROVAL = "it would wait for approval, and is simulated once that is given"
REST = "the rest follows"
REPLACEMENTS = 4
"""Times that a plan is made anew at once without sales that the chain would refuse."""

MOVED = frozenset({RunStatus.DONE, RunStatus.PARTIAL})

Source: TypeAlias = Callable[[VaultSnapshot], Awaitable[Proposal]]
"""What shall be done on a state of the vault."""


async def run_once(
    world: World,
    trigger: TriggerChoice,
    *,
    armed: bool,
    weekly: bool | None = None,
    occasion: Occasion = ALONE,
) -> RunRecord:
    """Resolve what was interrupted or waits, then plan and, if armed, rebalance once.

    Args:
        world: The ports.
        trigger: What to judge.
        armed: Whether anything may be sent.
        weekly: Whether a scheduled check is the weekly one; by the day of the week if not told.
        occasion: The tick, and what happened since the last plan.

    Returns:
        The run as the journal holds it; a plan that was refused or failed is a result too. A run
        that waits for approval is still open.

    Raises:
        BallastError: How a transaction ended is not known; the run stays open, and the next one
            finds out.
    """

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return propose(world, snapshot, trigger, weekly=weekly, events=occasion.events)

    return await run_proposal(world, str(trigger), source, armed=armed, occasion=occasion)


async def run_proposal(
    world: World, trigger: str, source: Source, *, armed: bool, occasion: Occasion = ALONE
) -> RunRecord:
    """As `run_once`, for what a source proposes; `trigger` is its name in the journal."""
    left = await resume(world, armed=armed)
    if isinstance(left, NewRun) and not armed:
        return world.journal.run(left.run_id)
    if isinstance(left, NewRun):
        return await conduct(world, left, _rest(world, left))
    if left is not None:
        return left
    if armed:
        await settle_earlier(world)
    run = new_run(world, trigger, armed=armed, occasion=occasion)
    world.journal.open_run(run)
    record = await conduct(world, run, source)
    for _ in range(REPLACEMENTS):
        if not armed or not lacks_cash(record) or not await has_replacement(world, record):
            break
        world.say(f"run {record.run.run_id}: sales were refused; planned anew without them")
        run = new_run(world, trigger, armed=armed, occasion=occasion)
        world.journal.open_run(run)
        record = await conduct(world, run, source)
    return record


def lacks_cash(record: RunRecord) -> bool:
    """Whether sales were left out that the chain would refuse, so that others may replace them."""
    return record.status is not RunStatus.OPEN and any(
        is_refused_sale(each) for each in record.steps
    )


async def conduct(world: World, run: NewRun, source: Source) -> RunRecord:
    """Bring an open run of which nothing is done to its end, or to where it waits for approval."""
    try:
        with bound_contextvars(run=run.run_id, vault=world.vault):
            ending = await _stages(world, run, source)
    except RunRefusedError as refusal:
        ending = RunStatus.REFUSED, refusal.reason
    except (NotSettledError, StoreUnavailableError, LeaseHeldError, StaleLeaseError):
        raise
    except BallastError as error:
        if has_open_steps(world.journal.run(run.run_id)):
            raise
        ending = RunStatus.FAILED, str(error)
    if ending is None:
        return world.journal.run(run.run_id)
    return await _end(world, run, *ending)


async def _end(world: World, run: NewRun, status: RunStatus, reason: str | None) -> RunRecord:
    """Close a run, and begin the one that does its rest; a rest leaves nothing by itself."""
    follower = None
    if run.armed and status in MOVED and run.follows is None:
        follower = follower_of(world, world.journal.run(run.run_id))
    closed = close(world, run.run_id, status, reason, then=follower)
    if follower is None:
        return closed
    world.say(f"run {run.run_id}: {status.lower()}; {REST} in run {follower.run_id}")
    return await conduct(world, follower, _rest(world, follower))


def _rest(world: World, follower: NewRun) -> Source:
    assert follower.follows is not None  # noqa: S101 - it is a follower
    origin = world.journal.run(follower.follows)

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return rest_of(origin, snapshot)

    return source


async def _stages(world: World, run: NewRun, source: Source) -> tuple[RunStatus, str | None] | None:
    """How the run ends; None where it waits."""
    snapshot = await world.chain.snapshot()
    take_sample(world, snapshot, "before")
    world.say(f"plan: vault {world.vault} at block {snapshot.block_number}")
    proposal = await source(snapshot)
    planned = await make_plan(world, run.run_id, proposal, snapshot)
    _say_plan(world, planned)
    verdict = await assess_risk(world, run.run_id, planned, world.readings)
    for warning in (*verdict.warnings, *verdict.notes):
        world.say(f"risk: warning: {warning}")
    if planned.plan.actions and not planned.actions:
        raise RunRefusedError(Stage.PLAN, nothing_tradable(planned))
    if not planned.actions:
        return RunStatus.NOTHING_TO_DO, proposal.idle
    world.say("risk: passed")
    leave_waiting(world, planned, verdict.waiting)
    short = "; ".join(shortfalls_of(planned))
    planned = verdict.admitted
    if run.trigger != TriggerKind.MANUAL:
        refuse_turned_down(world, proposal.plan, planned)
    ticket = await check_approval(world, run.run_id, planned, armed=run.armed)
    if ticket is not None:
        world.say(f"approval: {ticket.required} needed before {ticket.deadline:%Y-%m-%d %H:%M} UTC")
        return None
    if planned.plan.approval.required:
        return RunStatus.DRY_RUN, _joined(DRY, AFTER_APPROVAL, short)
    planned, after = await simulate(world, run.run_id, planned)
    world.say("simulation: passed")
    if not run.armed:
        rest = rest_text(proposal, planned.plan)
        return RunStatus.DRY_RUN, _joined(DRY, rest, short)
    execution = Execution(world, planned.actions, planned.step_ids)
    status, reason = await carry_out(execution, run.run_id, snapshot.tier_values, after)
    return status, _joined(reason, short)


def _say_plan(world: World, planned: Planned) -> None:
    for cause in planned.plan.triggers:
        world.say(f"plan: {cause.reason}")
    for each in planned.left_out:
        world.say(f"plan: {each.text}")
    world.say(f"plan: {len(planned.actions)} action(s)")


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
