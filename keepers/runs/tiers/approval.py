"""Approval of a plan: request the required approvals; the run waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from keepers.model.approval import VERBS, ApprovablePlan, ApprovedAction, NewTicket
from keepers.model.money import format_units
from keepers.model.notice import Notice, Severity
from keepers.model.order import OrderKind
from keepers.model.run import Stage
from keepers.runs.approvals.state import key_of
from keepers.runs.strategy import RunRefusedError
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import TierRunDependencies


async def new_ticket(ports: TierRunDependencies, run_id: str, planned: TierRunPlan) -> NewTicket:
    """Store a request for the approval of a plan and notify approvers.

    Raises:
        RunRefusedError: The on-chain limits on its assets would reject the plan anyway.
    """
    await check_limits(ports, planned)
    plan = await _approvable(ports, run_id, planned)
    ticket = NewTicket(
        run_id=run_id,
        plan=plan,
        plan_hash=ports.plans.hash_of(plan),
        required=await needed(ports, planned),
        asked_at=planned.snapshot.at,
        deadline=datetime.fromtimestamp(plan.deadline, UTC),
    )
    ports.tickets.ask(ticket, _approval_notice(ports, planned, ticket))
    return ticket


async def needed(ports: TierRunDependencies, planned: TierRunPlan) -> int:
    """Return the number of approvals required: the larger of configuration and contract."""
    purchases = (each for each in planned.actions if each.order.kind is OrderKind.PURCHASE)
    size = sum(each.step.amount_in for each in purchases)
    return max(planned.plan.approval.required, await ports.plans.needed(size))


def _approval_notice(ports: TierRunDependencies, planned: TierRunPlan, ticket: NewTicket) -> Notice:
    snapshot = planned.snapshot
    total = format_units(planned.total, snapshot.settlement_decimals)
    lines = [f"- {action.title} for {action.step.reason}" for action in planned.actions]
    return Notice(
        key=key_of(ticket.run_id),
        severity=Severity.WARNING,
        title=(
            f"vault {ports.vault}: a plan of {total} {snapshot.settlement_symbol} needs "
            f"{ticket.required} approval(s)"
        ),
        text="\n".join(
            [
                *lines,
                f"It expires at {ticket.deadline:%Y-%m-%d %H:%M} UTC.",
                f"To view and sign it: `ballast approve {ticket.run_id}`",
                f"To reject it: `ballast reject {ticket.run_id} --reason ...`",
            ]
        ),
    )


async def _approvable(
    ports: TierRunDependencies, run_id: str, planned: TierRunPlan
) -> ApprovablePlan:
    ledger, epoch = await ports.plans.terms()
    positions = {each.step.index: position for position, each in enumerate(planned.actions)}
    return ApprovablePlan(
        chain_id=ports.chain_id,
        ledger=ledger,
        consumer=planned.actions[0].step.target,
        keeper=ports.keeper,
        nonce=UUID(run_id).int,
        deadline=int(planned.actions[0].deadline.timestamp()),
        epoch=epoch,
        state=planned.snapshot.tier_values,
        actions=tuple([await _action(ports, each, positions) for each in planned.actions]),
    )


async def _action(
    ports: TierRunDependencies, action: Action, positions: Mapping[int, int]
) -> ApprovedAction:
    """Return an action with dependencies by position among the signed actions."""
    step = action.step
    data = await ports.market.terms(
        action.order.kind, action.position, amount_in=step.amount_in, deadline=action.deadline
    )
    return ApprovedAction(
        verb=VERBS[action.order.kind],
        asset=action.position.asset,
        amount=step.amount_in,
        minimum_out=step.minimum_out,
        data=f"0x{data.hex()}",
        depends_on=tuple(positions[each] for each in step.depends_on),
    )


async def check_limits(ports: TierRunDependencies, planned: TierRunPlan) -> None:
    """Check a plan against the limits on its assets before approval is requested.

    Raises:
        RunRefusedError: A limit on an asset allows less now.
    """
    spent: dict[str, int] = {}
    for action in planned.actions:
        if action.order.kind is OrderKind.PURCHASE:
            asset = action.position.asset
            spent[asset] = spent.get(asset, 0) + action.step.amount_in
    symbols = {each.position.asset: each.step.symbol for each in planned.actions}
    for (asset, amount), limit in zip(
        spent.items(), await ports.plans.limits(list(spent)), strict=True
    ):
        if amount > limit.available:
            decimals = planned.snapshot.settlement_decimals
            raise RunRefusedError(
                Stage.APPROVAL,
                f"the plan spends {format_units(amount, decimals)} on {symbols[asset]}, but "
                "the limit on planned purchases of it allows "
                f"{format_units(limit.available, decimals)} now "
                f"({format_units(limit.cap, decimals)} when full); wait, plan a smaller "
                "amount, or have a configurator raise the limit",
            )


async def request_approval(
    ports: TierRunDependencies, run_id: str, planned: TierRunPlan, *, armed: bool
) -> bool:
    """Request the approvals that a plan requires; a dry run requests none.

    Returns:
        Whether the run waits for approval.

    Raises:
        RunRefusedError: The chain would reject the plan even if approved.
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
        said = f"would request {required} approval(s)" if required else "none needed"
        ports.progress(f"approval: {said}")
        return False
    ticket = await new_ticket(ports, run_id, planned)
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
