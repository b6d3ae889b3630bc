"""Requests for approval, between rows and the domain's records; numbers are decimal strings."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from keepers.domain.approval import (
    ApprovablePlan,
    ApprovedAction,
    GivenApproval,
    NewTicket,
    TicketRecord,
    TicketState,
    Verb,
)
from keepers.domain.run import JsonObject
from keepers.domain.tier import per_tier


def plan_document(plan: ApprovablePlan) -> JsonObject:
    """A plan as it is kept."""
    return {
        "chain_id": plan.chain_id,
        "ledger": plan.ledger,
        "consumer": plan.consumer,
        "keeper": plan.keeper,
        "nonce": str(plan.nonce),
        "deadline": plan.deadline,
        "epoch": plan.epoch,
        "state": [str(value) for value in plan.state],
        "actions": [_action_document(each) for each in plan.actions],
    }


def plan_of(document: JsonObject) -> ApprovablePlan:
    """The plan that was kept."""
    return ApprovablePlan(
        chain_id=document["chain_id"],
        ledger=document["ledger"],
        consumer=document["consumer"],
        keeper=document["keeper"],
        nonce=int(document["nonce"]),
        deadline=document["deadline"],
        epoch=document["epoch"],
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
