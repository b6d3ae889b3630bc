"""Mapping of approval requests between rows and records; numbers are decimal strings."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from keepers.model.approval import (
    ApprovablePlan,
    ApprovedAction,
    GivenApproval,
    NewTicket,
    SignedPlan,
    TicketRecord,
    TicketState,
    Verb,
)
from keepers.model.run import JsonObject
from keepers.model.tier_config import per_tier
from keepers.model.treasury import TreasuryAction, TreasuryPlan, TreasuryVerb


def plan_document(plan: SignedPlan) -> JsonObject:
    """A plan as it is kept; a treasury's has no tiers."""
    known = {
        "chain_id": plan.chain_id,
        "ledger": plan.ledger,
        "consumer": plan.consumer,
        "keeper": plan.keeper,
        "nonce": str(plan.nonce),
        "deadline": plan.deadline,
        "epoch": plan.epoch,
    }
    if isinstance(plan, TreasuryPlan):
        actions = [_move_document(each) for each in plan.actions]
        return {**known, "state": plan.state, "actions": actions}
    return {
        **known,
        "state": [str(value) for value in plan.state],
        "actions": [_action_document(each) for each in plan.actions],
    }


def plan_of(document: JsonObject) -> SignedPlan:
    """The plan that was kept."""
    known: dict[str, Any] = {
        name: document[name] for name in ("chain_id", "ledger", "keeper", "deadline", "epoch")
    }
    known["nonce"] = int(document["nonce"])
    if isinstance(document["state"], str):
        return TreasuryPlan(
            **known,
            treasury=document["consumer"],
            state=document["state"],
            actions=tuple(_move_of(each) for each in document["actions"]),
        )
    return ApprovablePlan(
        **known,
        consumer=document["consumer"],
        state=per_tier(int(value) for value in document["state"]),
        actions=tuple(_action_of(each) for each in document["actions"]),
    )


def ticket_record(row: RowMapping, approvals: Sequence[GivenApproval]) -> TicketRecord:
    """A request with the signatures so far."""
    return TicketRecord(
        ticket=NewTicket(
            run_id=row["run_id"],
            plan=plan_of(row["plan"]),
            plan_hash=row["plan_hash"],
            required=row["required"],
            asked_at=row["asked_at"],
            deadline=row["deadline"],
        ),
        state=TicketState(row["state"]),
        reason=row["reason"],
        decided_by=row["decided_by"],
        reminders=row["reminders"],
        approvals=tuple(approvals),
    )


def _action_document(action: ApprovedAction) -> JsonObject:
    return {
        "verb": action.verb.name,
        "asset": action.asset,
        "amount": str(action.amount),
        "minimum_out": str(action.minimum_out),
        "data": action.data,
        "depends_on": list(action.depends_on),
    }


def _action_of(document: JsonObject) -> ApprovedAction:
    return ApprovedAction(
        verb=Verb[document["verb"]],
        asset=document["asset"],
        amount=int(document["amount"]),
        minimum_out=int(document["minimum_out"]),
        data=document["data"],
        depends_on=tuple(document["depends_on"]),
    )


def _move_document(action: TreasuryAction) -> JsonObject:
    return {
        "verb": action.verb.name,
        "asset": action.asset,
        "amount": str(action.amount),
        "bound": str(action.bound),
        "transfer_id": action.transfer_id,
        "depends_on": list(action.depends_on),
    }


def _move_of(document: JsonObject) -> TreasuryAction:
    return TreasuryAction(
        verb=TreasuryVerb[document["verb"]],
        asset=document["asset"],
        amount=int(document["amount"]),
        bound=int(document["bound"]),
        transfer_id=document["transfer_id"],
        depends_on=tuple(document["depends_on"]),
    )
