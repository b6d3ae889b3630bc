"""Approval of a plan: approvers are asked where it needs them, and the run waits."""

from __future__ import annotations

from keepers.model.run import Stage
from keepers.runs.approvals.requests import ask, check_limits, needed
from keepers.runs.tiers.build_actions import Planned
from keepers.runs.tiers.dependencies import TierRunDependencies


async def request_approval(
    ports: TierRunDependencies, run_id: str, planned: Planned, *, armed: bool
) -> bool:
    """Ask for the approvals that a plan needs; a dry run asks nobody.

    Returns:
        Whether the run waits for them.

    Raises:
        RunRefusedError: The chain would not admit it if it were approved.
    """
    approval = planned.plan.approval
    required = await needed(ports, planned) if approval.required else 0
    detail = {
        "required": required,
        "granted": 0,
        "review_afterwards": approval.review_afterwards,
        "deadline_hours": approval.deadline_hours,
    }
    if not approval.required or not armed:
        ports.record(run_id, Stage.APPROVAL, detail)
        if required:
            await check_limits(ports, planned)
        said = f"would ask for {required} approval(s)" if required else "none needed"
        ports.progress(f"approval: {said}")
        return False
    ticket = await ask(ports, run_id, planned)
    asked = {
        "required": ticket.required,
        "plan_hash": ticket.plan_hash,
        "asked_at": ticket.asked_at.isoformat(),
        "deadline": ticket.deadline.isoformat(),
        "ledger": ticket.plan.ledger,
        "nonce": str(ticket.plan.nonce),
        "epoch": ticket.plan.epoch,
    }
    ports.record(run_id, Stage.APPROVAL, {**detail, **asked})
    ports.progress(
        f"approval: {ticket.required} needed before {ticket.deadline:%Y-%m-%d %H:%M} UTC"
    )
    return True
