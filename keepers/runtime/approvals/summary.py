"""What a person has to know before signing a plan, taken from what is signed."""

from __future__ import annotations

from keepers.model.approval import TicketRecord
from keepers.model.json_document import Json
from keepers.runtime.approvals import of_treasury, of_vault
from keepers.runtime.approvals.requests import Request
from keepers.runtime.vault.setup import VaultSetup
from keepers.store.database import Ledger


def request_document(ledger: Ledger, request: Request) -> dict[str, Json]:
    """A request for scripts; amounts are strings of base units."""
    ticket, plan = request.record.ticket, request.record.ticket.plan
    return {
        "run_id": request.run_id,
        "vault": request.vault,
        "chain_id": plan.chain_id,
        "state": str(request.record.state),
        "reason": request.record.reason,
        "required": ticket.required,
        "asked_at": ticket.asked_at.isoformat(),
        "deadline": ticket.deadline.isoformat(),
        "plan_hash": ticket.plan_hash,
        "ledger": plan.ledger,
        "consumer": plan.consumer,
        "keeper": plan.keeper,
        "actions": _actions(ledger, request),
        "approvals": [
            {"signer": each.signer, "owner": each.owner, "given_at": each.given_at.isoformat()}
            for each in request.record.approvals
        ],
    }


def lines_of(ledger: Ledger, request: Request) -> list[str]:
    """A request for people: why, each action, until when, and what is signed."""
    ticket, plan = request.record.ticket, request.record.ticket.plan
    if isinstance(request.setup, VaultSetup):
        through = f"controller {plan.consumer}"
        listed = of_vault.vault_plan_lines(request, request.setup)
    else:
        through = f"treasury {plan.consumer}"
        listed = of_treasury.treasury_plan_lines(ledger, request, request.setup)
    return [
        f"Run {request.run_id} of {request.subject}: {request.record.state.lower()}",
        *listed,
        _given(request.record),
        f"executed by {plan.keeper} through {through}",
        f"plan hash {ticket.plan_hash}, ledger {plan.ledger}, chain {plan.chain_id}",
    ]


def _actions(ledger: Ledger, request: Request) -> list[Json]:
    if isinstance(request.setup, VaultSetup):
        return of_vault.actions_of(request, request.setup)
    return of_treasury.actions_of(ledger, request, request.setup)


def _given(record: TicketRecord) -> str:
    until = f"{record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
    given = f"{len(record.approvals)} signature(s)"
    return f"approvals: {given}, {record.ticket.required} needed, before {until}"
