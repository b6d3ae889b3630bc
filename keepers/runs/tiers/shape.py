"""Shape of a plan for comparison: the tiers that give and take, without amounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TypeAlias

from keepers.model.approval import TicketState
from keepers.model.run import RunRecord, RunStatus, Stage
from keepers.model.tier_plan import TierPlan
from keepers.runs.results import detail_of
from keepers.runs.strategy import RunRefusedError
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import TierRunDependencies

Shape: TypeAlias = frozenset[tuple[str, str, str]]

RECENT = 8
"""Number of newest runs compared with a plan."""

REFUSALS = frozenset({TicketState.REJECTED, TicketState.EXPIRED})
TURNED_DOWN = "this plan was rejected or expired; approval is requested again after "


def shape_of_plan(plan: TierPlan) -> Shape:
    """Return the tiers that give and take; amounts and reasons differ between checks."""
    return frozenset(
        (str(each.type), each.from_tier.name, each.to_tier.name) for each in plan.actions
    )


def shape_of_run(record: RunRecord) -> Shape | None:
    """Return the shape of a run's plan; None if the run has no plan."""
    detail = detail_of(record, Stage.PLAN)
    if detail is None:
        return None
    legs = detail["plan"]["actions"]
    return frozenset((each["type"], each["from_tier"], each["to_tier"]) for each in legs)


def turned_down(ports: TierRunDependencies, plan: TierPlan) -> str | None:
    """Return why approval of a plan is not requested again yet; None if it may be.

    The refusal is found in the store, also after a restart; later refusals with this reason carry
    it forward.
    """
    wanted, now = shape_of_plan(plan), ports.clock.now()
    for record in ports.store.runs(ports.vault, RECENT):
        if shape_of_run(record) == wanted:
            until = refused_until(ports, record)
            if until is not None:
                return None if now >= until else f"{TURNED_DOWN}{until.isoformat()}"
        if record.status in {RunStatus.DONE, RunStatus.PARTIAL}:
            return None
    return None


def refuse_turned_down(ports: TierRunDependencies, plan: TierPlan, planned: TierRunPlan) -> None:
    """Refuse a plan that needs approvers who recently refused it.

    Raises:
        RunRefusedError: The approvers recently refused the plan.
    """
    refusal = turned_down(ports, plan) if planned.plan.approval.required else None
    if refusal is not None:
        raise RunRefusedError(Stage.APPROVAL, refusal)


def refused_until(ports: TierRunDependencies, record: RunRecord) -> datetime | None:
    """Return the time before which approval of a refused plan is not requested again."""
    if record.status is RunStatus.REFUSED and (record.reason or "").startswith(TURNED_DOWN):
        return datetime.fromisoformat((record.reason or "").removeprefix(TURNED_DOWN))
    ticket = ports.tickets.ticket(record.run.run_id)
    if ticket is None or ticket.state not in REFUSALS or record.finished_at is None:
        return None
    return record.finished_at + timedelta(seconds=ports.policy.repeat_seconds)
