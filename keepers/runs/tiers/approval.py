"""Stage 3: does the plan need approvers? If so they are asked, and the run waits for them."""

from __future__ import annotations

from keepers.model.approval import NewTicket
from keepers.model.run import Stage
from keepers.runs.approvals.requests import ask, check_limits, needed
from keepers.runs.tiers.build_actions import Planned
from keepers.runs.tiers.dependencies import TierRunDependencies


async def check_approval(
    world: TierRunDependencies, run_id: str, planned: Planned, *, armed: bool
) -> NewTicket | None:
    """Let a plan pass that needs nobody's approval, and ask for it where it does.

    Returns:
        What was asked; None where nothing had to be. A dry run asks nobody.

    Raises:
        RunRefusedError: The chain would not admit it if it were approved.
    """
    approval = planned.plan.approval
    required = await needed(world, planned) if approval.required else 0
    detail = {
        "required": required,
        "granted": 0,
        "review_afterwards": approval.review_afterwards,
        "deadline_hours": approval.deadline_hours,
    }
    if not approval.required or not armed:
        world.record(run_id, Stage.APPROVAL, detail)
        if required:
            await check_limits(world, planned)
        said = f"would ask for {required} approval(s)" if required else "none needed"
        world.progress(f"approval: {said}")
        return None
    ticket = await ask(world, run_id, planned)
    asked = {
        "required": ticket.required,
        "plan_hash": ticket.plan_hash,
        "asked_at": ticket.asked_at.isoformat(),
        "deadline": ticket.deadline.isoformat(),
        "ledger": ticket.plan.ledger,
        "nonce": str(ticket.plan.nonce),
        "epoch": ticket.plan.epoch,
    }
    world.record(run_id, Stage.APPROVAL, {**detail, **asked})
    return ticket
