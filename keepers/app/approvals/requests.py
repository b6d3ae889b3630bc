"""Requests for approval, found and described."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.adapters.chain.addresses import Token
from keepers.adapters.chain.plans.typed_data import hash_of
from keepers.adapters.store.journal import SqlJournal
from keepers.adapters.store.ledger.transact import Ledger
from keepers.adapters.store.tickets import SqlTickets
from keepers.app.settings import Settings
from keepers.app.wiring import VaultSetup, set_up
from keepers.domain.approval import ApprovedAction, TicketRecord, Verb
from keepers.domain.errors import InputError
from keepers.domain.errors_approval import AlteredPlan, NoTicket
from keepers.domain.numerals import format_units
from keepers.domain.run import JsonObject, RunRecord, Stage
from keepers.domain.tier import Tier
from keepers.engine.rebalance.restoring import detail_of
from keepers.planning.files.canonical import Json

SHORTEST = 4
"""Characters of a run's id that name it, if no other begins so."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for approval with the run and the vault that it is about."""

    record: TicketRecord
    run: RunRecord
    setup: VaultSetup

    @property
    def run_id(self) -> str:
        """The run's id, by which the request goes."""
        return self.run.run.run_id


def waiting(settings: Settings, ledger: Ledger, vault: str | None) -> list[Request]:
    """What waits for approval, newest first."""
    journal = SqlJournal(ledger)
    return [_request(settings, journal, record) for record in SqlTickets(ledger).waiting(vault)]


def find(settings: Settings, ledger: Ledger, run_id: str) -> Request:
    """The request of a run, which the beginning of its id names.

    Raises:
        InputError: Several runs begin so, or it is too short to tell.
        NoTicket: None does, or it asks for no approval.
        AlteredPlan: Somebody changed it in the database.
    """
    tickets, journal = SqlTickets(ledger), SqlJournal(ledger)
    record = tickets.ticket(run_id)
    if record is None and len(run_id) < SHORTEST:
        raise InputError("RUN", f"{run_id!a} is too short; say at least {SHORTEST} characters")
    if record is None:
        found = tickets.beginning(run_id)
        if len(found) > 1:
            raise InputError("RUN", f"{len(found)} requests begin with {run_id!a}; say more of it")
        record = next(iter(found), None)
    if record is None:
        raise NoTicket(run_id)
    computed = hash_of(record.ticket.plan)
    if computed != record.ticket.plan_hash:
        raise AlteredPlan(record.ticket.run_id, record.ticket.plan_hash, computed)
    return _request(settings, journal, record)


def request_document(request: Request) -> dict[str, Json]:
    """A request for scripts; amounts are strings of base units."""
    ticket, plan = request.record.ticket, request.record.ticket.vault_plan
    return {
        "run_id": request.run_id,
        "vault": request.setup.name,
        "state": str(request.record.state),
        "reason": request.record.reason,
        "required": ticket.required,
        "asked_at": ticket.asked_at.isoformat(),
        "deadline": ticket.deadline.isoformat(),
        "plan_hash": ticket.plan_hash,
        "ledger": plan.ledger,
        "consumer": plan.consumer,
        "keeper": plan.keeper,
        "actions": [_action_document(request, each) for each in plan.actions],
        "approvals": [
            {"signer": each.signer, "owner": each.owner, "given_at": each.given_at.isoformat()}
            for each in request.record.approvals
        ],
    }


def lines_of(request: Request) -> list[str]:
    """What a person has to know before signing, taken from what is signed."""
    ticket, plan = request.record.ticket, request.record.ticket.vault_plan
    token = _settlement(request)
    values = ", ".join(
        f"{tier.name} {format_units(value, token.decimals)}"
        for tier, value in zip(Tier, plan.state, strict=True)
    )
    return [
        f"Run {request.run_id} of vault {request.setup.name}: {request.record.state.lower()}",
        *(f"why: {each}" for each in _causes(request.run)),
        *(f"risk: {each}" for each in _warnings(request.run)),
        f"state it was made from: {values} {token.symbol}",
        *(f"{index + 1}. {_action_line(request, each)}" for index, each in enumerate(plan.actions)),
        _given(request.record),
        f"executed by {plan.keeper} through controller {plan.consumer}",
        f"plan hash {ticket.plan_hash}, ledger {plan.ledger}, chain {plan.chain_id}",
    ]


def _given(record: TicketRecord) -> str:
    until = f"{record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
    given = f"{len(record.approvals)} signature(s)"
    return f"approvals: {given}, {record.ticket.required} needed, before {until}"


def _request(settings: Settings, journal: SqlJournal, record: TicketRecord) -> Request:
    run = journal.run(record.ticket.run_id)
    return Request(record, run, set_up(settings, run.run.vault))


def _settlement(request: Request) -> Token:
    return Token(**_plan(request.run)["settlement"])


def _plan(run: RunRecord) -> JsonObject:
    return detail_of(run, Stage.PLAN) or {}


def _causes(run: RunRecord) -> list[str]:
    return [each["reason"] for each in _plan(run)["plan"]["triggers"]]


def _warnings(run: RunRecord) -> list[str]:
    return (detail_of(run, Stage.RISK) or {"warnings": []})["warnings"]


def _action_line(request: Request, action: ApprovedAction) -> str:
    token = request.setup.addresses.token(action.asset)
    money = _settlement(request)
    needs = "".join(f", after action {index + 1}" for index in action.depends_on)
    if action.verb is Verb.PURCHASE:
        spent, got = (action.amount, money), (action.minimum_out, token)
        verb = "buy"
    else:
        spent, got = (action.amount, token), (action.minimum_out, money)
        verb = "sell"
    given = f"{format_units(spent[0], spent[1].decimals)} {spent[1].symbol}"
    least = f"{format_units(got[0], got[1].decimals)} {got[1].symbol}"
    return f"{verb} {token.symbol}: give {given} for at least {least}{needs}"


def _action_document(request: Request, action: ApprovedAction) -> Json:
    return {
        "verb": action.verb.name,
        "asset": action.asset,
        "symbol": request.setup.addresses.token(action.asset).symbol,
        "amount": str(action.amount),
        "minimum_out": str(action.minimum_out),
        "depends_on": list(action.depends_on),
    }
