"""A run from beginning to end: seven stages, each durable before the next."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeAlias

from keepers.model.run import NewRun, RunRecord, RunStatus, Stage
from keepers.model.tick import ALONE, Occasion
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.driver import DRY, RunRefusedError
from keepers.runs.results import Ending
from keepers.runs.tiers.approval import check_approval
from keepers.runs.tiers.build_actions import Planned, make_plan
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.execution import Execution, execute_and_verify
from keepers.runs.tiers.offers import has_replacement, is_refused_sale
from keepers.runs.tiers.recovery import resume, settle_earlier
from keepers.runs.tiers.risk import (
    assess_risk,
    leave_waiting,
    nothing_tradable,
    shortfalls_of,
)
from keepers.runs.tiers.shape import refuse_turned_down
from keepers.runs.tiers.simulation import simulate
from keepers.runs.tiers.strategy import driver_of, follower_of
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
    world: TierRunDependencies,
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
    world: TierRunDependencies,
    trigger: str,
    source: Source,
    *,
    armed: bool,
    occasion: Occasion = ALONE,
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
    driver = driver_of(world)
    run = driver.open(trigger, armed=armed, occasion=occasion)
    record = await conduct(world, run, source)
    for _ in range(REPLACEMENTS):
        if not armed or not lacks_cash(record) or not await has_replacement(world, record):
            break
        world.progress(f"run {record.run.run_id}: sales were refused; planned anew without them")
        run = driver.open(trigger, armed=armed, occasion=occasion)
        record = await conduct(world, run, source)
    return record


def lacks_cash(record: RunRecord) -> bool:
    """Whether sales were left out that the chain would refuse, so that others may replace them."""
    return record.status is not RunStatus.OPEN and any(
        is_refused_sale(each) for each in record.steps
    )


async def conduct(world: TierRunDependencies, run: NewRun, source: Source) -> RunRecord:
    """Take an open run to its end, or to where it waits for approval.

    A run that moved something and left a rest is followed by the run that does it; that one leaves
    nothing by itself.
    """
    driver = driver_of(world)
    ending = await driver.conduct(run, partial(_stages, world, run, source))
    if ending is None:
        return world.journal.run(run.run_id)
    follower = None
    if run.armed and ending.status in MOVED and run.follows is None:
        follower = follower_of(world, world.journal.run(run.run_id))
    closed = driver.close(run.run_id, ending.status, ending.reason, follower)
    if follower is None:
        return closed
    world.progress(f"run {run.run_id}: {ending.status.lower()}; {REST} in run {follower.run_id}")
    return await conduct(world, follower, _rest(world, follower))


def _rest(world: TierRunDependencies, follower: NewRun) -> Source:
    assert follower.follows is not None  # noqa: S101 - it is a follower
    origin = world.journal.run(follower.follows)

    async def source(snapshot: VaultSnapshot) -> Proposal:
        return rest_of(origin, snapshot)

    return source


async def _stages(world: TierRunDependencies, run: NewRun, source: Source) -> Ending | None:
    """Plan, check, ask for approval, simulate, execute, verify; None where the run waits."""
    snapshot = await world.chain.snapshot()
    take_sample(world, snapshot, "before")
    world.progress(f"plan: vault {world.vault} at block {snapshot.block_number}")
    proposal = await source(snapshot)
    planned = await make_plan(world, run.run_id, proposal, snapshot)
    _say_plan(world, planned)
    verdict = await assess_risk(world, run.run_id, planned, world.readings)
    for warning in (*verdict.warnings, *verdict.notes):
        world.progress(f"risk: warning: {warning}")
    if planned.plan.actions and not planned.actions:
        raise RunRefusedError(Stage.PLAN, nothing_tradable(planned))
    if not planned.actions:
        return Ending(RunStatus.NOTHING_TO_DO, proposal.idle)
    world.progress("risk: passed")
    leave_waiting(world, planned, verdict.waiting)
    short = "; ".join(shortfalls_of(planned))
    planned = verdict.admitted
    if run.trigger != TriggerKind.MANUAL:
        refuse_turned_down(world, proposal.plan, planned)
    ticket = await check_approval(world, run.run_id, planned, armed=run.armed)
    if ticket is not None:
        world.progress(
            f"approval: {ticket.required} needed before {ticket.deadline:%Y-%m-%d %H:%M} UTC"
        )
        return None
    if planned.plan.approval.required:
        return Ending(RunStatus.DRY_RUN, _joined(DRY, AFTER_APPROVAL, short))
    planned, after = await simulate(world, run.run_id, planned)
    world.progress("simulation: passed")
    if not run.armed:
        rest = rest_text(proposal, planned.plan)
        return Ending(RunStatus.DRY_RUN, _joined(DRY, rest, short))
    execution = Execution(world, planned.actions, planned.step_ids)
    ending = await execute_and_verify(execution, run.run_id, snapshot.tier_values, after)
    return Ending(ending.status, _joined(ending.reason, short))


def _say_plan(world: TierRunDependencies, planned: Planned) -> None:
    for cause in planned.plan.triggers:
        world.progress(f"plan: {cause.reason}")
    for each in planned.left_out:
        world.progress(f"plan: {each.text}")
    world.progress(f"plan: {len(planned.actions)} action(s)")


def _joined(*parts: str | None) -> str | None:
    return "; ".join(part for part in parts if part) or None
