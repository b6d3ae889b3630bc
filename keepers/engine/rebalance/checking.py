"""A check by the clock: it becomes a run only where there is something new to do or to tell."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

from keepers.domain.approval import TicketState
from keepers.domain.events import Event
from keepers.domain.run import RunRecord, RunStatus, Stage
from keepers.domain.tier import Tier
from keepers.domain.tier_plan import TriggerChoice, TriggerKind
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.plan import draw_plan
from keepers.engine.rebalance.proposal import Proposal, propose
from keepers.engine.rebalance.recovery import resume
from keepers.engine.rebalance.restoring import detail_of
from keepers.engine.rebalance.risk import judge_risk
from keepers.engine.rebalance.telling import over
from keepers.engine.rebalance.verification import take_sample
from keepers.engine.rebalance.world import World

Shape: TypeAlias = frozenset[tuple[str, str, str]]

TURNED_DOWN = frozenset({TicketState.REJECTED, TicketState.EXPIRED})
ACTED = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED})
NUMBERS = re.compile(r"[\d.,:+-]+")


async def check_once(
    world: World,
    trigger: TriggerChoice,
    *,
    armed: bool,
    weekly: bool = False,
    events: Sequence[Event] = (),
) -> RunRecord | None:
    """Go on with what is open; else judge a trigger, and run if that does or tells something new.

    Args:
        world: The ports.
        trigger: What to judge.
        armed: Whether anything may be sent.
        weekly: Whether a scheduled check is the weekly one.
        events: What happened since the last plan.

    Returns:
        The run; None where nothing fires, where the vault cools down, or where a plan that cannot
        run is on record already.

    Raises:
        BallastError: The vault cannot be read or valued, or how a transaction ended is not known.
    """
    left = await tend(world, armed=armed)
    if left is not None:
        return left
    snapshot = await world.chain.snapshot()
    take_sample(world, snapshot, "check")
    proposal = propose(world, snapshot, trigger, weekly=weekly, events=events)
    if not proposal.plan.actions:
        over(world)
        return None
    if await _is_known(world, proposal, snapshot, trigger):
        return None
    return await run_once(world, trigger, armed=armed, weekly=weekly, events=events)


async def tend(world: World, *, armed: bool) -> RunRecord | None:
    """Go on with the open run, and follow transactions; None where no run is open any more.

    Raises:
        BallastError: How a transaction ended is not known yet.
    """
    left = await resume(world, armed=armed)
    await world.transactions.run_pass()
    if left is None or isinstance(left, RunRecord):
        return left
    return world.journal.run(left.run_id)


async def _is_known(
    world: World, proposal: Proposal, snapshot: VaultSnapshot, trigger: TriggerChoice
) -> bool:
    """Whether a run would tell nothing new."""
    last = world.journal.last_run_of(world.vault)
    if last is None or last.finished_at is None or trigger is TriggerKind.MANUAL:
        return False
    if _cools_down(world, last, proposal):
        world.say("check: the vault cools down after its last run")
        return True
    if last.status is not RunStatus.REFUSED or _shape(proposal) != _shape_of(last):
        return False
    if _was_turned_down(world, last):
        world.say("check: people have turned this plan down; it is asked for again later")
        return True
    refusal = await _trial(world, proposal, snapshot)
    if refusal is None or words_of(refusal) != words_of(last.reason or ""):
        return False
    world.say(f"check: as before: {refusal}")
    return world.clock.now() - last.finished_at < _seconds(world.policy.repeat_seconds)


def _cools_down(world: World, last: RunRecord, proposal: Proposal) -> bool:
    """Nothing that is urgent waits."""
    urgent = any(leg.to_tier is Tier.L1 for leg in proposal.plan.actions)
    if urgent or last.status not in ACTED or last.finished_at is None:
        return False
    return world.clock.now() - last.finished_at < _seconds(world.policy.cooldown_seconds)


def _was_turned_down(world: World, last: RunRecord) -> bool:
    ticket = world.tickets.ticket(last.run.run_id)
    if ticket is None or ticket.state not in TURNED_DOWN or last.finished_at is None:
        return False
    return world.clock.now() - last.finished_at < _seconds(world.policy.repeat_seconds)


async def _trial(world: World, proposal: Proposal, snapshot: VaultSnapshot) -> str | None:
    """Why the plan would be refused now; None if it would not be. Nothing is remembered."""
    drawn = await draw_plan(world, proposal, snapshot, armed=False)
    assessment = await judge_risk(world, drawn.planned, world.readings)
    return assessment.blocked


def _shape(proposal: Proposal) -> Shape:
    """Which tiers give and take. Amounts change with every block, and causes with the trigger."""
    legs = proposal.plan.actions
    return frozenset((str(each.type), each.from_tier.name, each.to_tier.name) for each in legs)


def _shape_of(record: RunRecord) -> Shape | None:
    """The same of a run; None if it was not planned."""
    detail = detail_of(record, Stage.PLAN)
    if detail is None:
        return None
    legs = detail["plan"]["actions"]
    return frozenset((each["type"], each["from_tier"], each["to_tier"]) for each in legs)


def words_of(reason: str) -> str:
    """A reason without its numbers, by which two are the same."""
    return NUMBERS.sub("#", reason)


def _seconds(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)
