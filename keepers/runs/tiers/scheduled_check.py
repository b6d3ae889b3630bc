"""Scheduled check of the tiers; it opens a run only if that does or reports something new."""

from __future__ import annotations

import re
from datetime import timedelta

from keepers.model.errors.chain import ChainError
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tick import ALONE, Occasion
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.tiers.build_actions import TierRunPlan, draft_plan
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.notifications import BAD, notify_recovered, notify_unvalued
from keepers.runs.tiers.pipeline import resume, run_once
from keepers.runs.tiers.risk import measure_risk, nothing_tradable
from keepers.runs.tiers.shape import (
    RECENT,
    refused_until,
    shape_of_plan,
    shape_of_run,
)
from keepers.runs.tiers.simulation import admit_simulated
from keepers.runs.tiers.tier_plan import Proposal, propose
from keepers.runs.tiers.verification import take_sample

ACTED = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED})
STOPPED = frozenset({RunStatus.REFUSED, RunStatus.FAILED, RunStatus.DRY_RUN})
NUMBERS = re.compile(r"(?<=0x[0-9a-f]{8})[0-9a-f]{64,}…?|[\d.,:+-]+")
"""Pattern of numbers and of the arguments of unknown errors."""


async def check_once(
    ports: TierRunDependencies,
    trigger: TriggerChoice,
    *,
    armed: bool,
    weekly: bool = False,
    occasion: Occasion = ALONE,
) -> RunRecord | None:
    """Resume an open run; else evaluate a trigger, and run if that does or reports something new.

    Args:
        ports: The ports.
        trigger: The trigger to evaluate.
        armed: Whether anything may be sent.
        weekly: Whether a scheduled check is the weekly one.
        occasion: The tick and the events since the last plan. A run is opened for events even if
            nothing is due, so that they are processed once.

    Returns:
        The run; None if no trigger fires, during the cooldown, or if a plan that cannot run was
        already reported.

    Raises:
        BallastError: The vault cannot be read or valued, or the outcome of a transaction is
            unknown.
    """
    left = await resume_open_run(ports, armed=armed)
    if left is not None:
        return left
    snapshot = await ports.chain.snapshot()
    take_sample(ports, snapshot, "check")
    notify_unvalued(ports, snapshot)
    proposal = propose(ports, snapshot, trigger, weekly=weekly, events=occasion.events)
    if not proposal.plan.actions:
        if proposal.idle is not None:
            ports.progress(f"check: {proposal.idle}")
        if not _is_still_due(ports, snapshot):
            notify_recovered(ports)
        if not occasion.events:
            return None
    elif await _is_known(ports, proposal, snapshot, trigger, armed=armed):
        return None
    return await run_once(ports, trigger, armed=armed, weekly=weekly, occasion=occasion)


async def resume_open_run(ports: TierRunDependencies, *, armed: bool) -> RunRecord | None:
    """Resume the open run and follow transactions; None if no run is open any more.

    Raises:
        BallastError: The outcome of a transaction is not known yet.
    """
    left = await resume(ports, armed=armed)
    await ports.transactions.run_pass()
    if left is None or isinstance(left, RunRecord):
        return left
    return ports.store.run(left.run_id)


def _is_still_due(ports: TierRunDependencies, snapshot: VaultSnapshot) -> bool:
    """Return whether the last run failed and its trigger still makes a plan due."""
    last = ports.store.last_run_of(ports.vault)
    if last is None or last.status not in BAD:
        return False
    known = {str(each): each for each in TriggerKind}
    trigger: TriggerChoice = known.get(last.run.trigger, AUTO)
    return bool(propose(ports, snapshot, trigger, weekly=False).plan.actions)


async def _is_known(
    ports: TierRunDependencies,
    proposal: Proposal,
    snapshot: VaultSnapshot,
    trigger: TriggerChoice,
    *,
    armed: bool,
) -> bool:
    """Return whether a run would report nothing new."""
    last = ports.store.last_run_of(ports.vault)
    if last is None or last.finished_at is None or trigger is TriggerKind.MANUAL:
        return False
    if _cools_down(ports, proposal):
        ports.progress("check: the cooldown after the last run has not ended")
        return True
    alike = _alike(ports, proposal, armed=armed)
    if alike is None or alike.finished_at is None:
        return False
    if _was_turned_down(ports, alike):
        ports.progress(
            "check: this plan was rejected or expired; approval is requested again later"
        )
        return True
    refusal = await _trial(ports, proposal, snapshot)
    if not _is_reported(alike, refusal):
        return False
    ports.progress(f"check: unchanged: {refusal or alike.reason}")
    return ports.clock.now() - alike.finished_at < _seconds(ports.policy.repeat_seconds)


def _is_reported(alike: RunRecord, refusal: str | None) -> bool:
    """Return whether a run would finish the same way: same refusal, or dry."""
    if alike.status is RunStatus.DRY_RUN:
        return refusal is None
    return refusal is not None and words_of(refusal) == words_of(alike.reason or "")


def _alike(ports: TierRunDependencies, proposal: Proposal, *, armed: bool) -> RunRecord | None:
    """Return the newest run of the same plan since a run last sent something.

    Triggers alternate, and so do their plans for one state. For an armed keeper dry runs do not
    count: they hide neither a refusal nor a rejection by approvers.
    """
    wanted = shape_of_plan(proposal.plan)
    for record in ports.store.runs(ports.vault, RECENT):
        if record.status not in STOPPED or _has_sent(record):
            return None
        is_silent = armed and record.status is RunStatus.DRY_RUN
        if not is_silent and shape_of_run(record) == wanted:
            return record
    return None


def _has_sent(record: RunRecord) -> bool:
    return bool(record.openings) or any(each.attempts for each in record.steps)


def _cools_down(ports: TierRunDependencies, proposal: Proposal) -> bool:
    """Return whether non-urgent plans wait for the cooldown; a later dry run does not reset it."""
    urgent = any(leg.to_tier is Tier.L1 for leg in proposal.plan.actions)
    recent = ports.store.runs(ports.vault, RECENT)
    last = next((each for each in recent if each.status is not RunStatus.DRY_RUN), None)
    if urgent or last is None or last.status not in ACTED or last.finished_at is None:
        return False
    return ports.clock.now() - last.finished_at < _seconds(ports.policy.cooldown_seconds)


def _was_turned_down(ports: TierRunDependencies, last: RunRecord) -> bool:
    until = refused_until(ports, last)
    return until is not None and ports.clock.now() < until


async def _trial(
    ports: TierRunDependencies, proposal: Proposal, snapshot: VaultSnapshot
) -> str | None:
    """Return why the plan would be refused or fail now, or None; nothing is stored."""
    try:
        drawn = await draft_plan(ports, proposal, snapshot)
        if not drawn.planned.actions:
            return nothing_tradable(drawn.planned)
        assessment = await measure_risk(ports, drawn.planned, ports.readings)
        return assessment.blocked or await _failure(ports, assessment.verdict.admitted)
    except ChainError as error:
        return str(error)


async def _failure(ports: TierRunDependencies, planned: TierRunPlan) -> str | None:
    """Return why simulation would fail, or None; approved plans are simulated after approval."""
    if planned.plan.approval.required:
        return None
    return (await admit_simulated(ports, planned)).problem


def words_of(reason: str) -> str:
    """Return a reason with numbers masked, for comparison."""
    return NUMBERS.sub("#", reason)


def _seconds(seconds: int) -> timedelta:
    return timedelta(seconds=seconds)
