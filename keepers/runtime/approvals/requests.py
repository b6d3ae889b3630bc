"""Requests for approval: found by run or batch, and described."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from keepers.chain.contracts.ledger import hash_of
from keepers.config import Settings
from keepers.model.approval import TicketRecord
from keepers.model.errors import InputError
from keepers.model.errors.chain import ChainError
from keepers.model.errors.run import AlteredPlanError, NoTicketError
from keepers.model.json_document import Json
from keepers.runs.approvals.ports import ApprovalDependencies
from keepers.runs.approvals.state import signatures_of
from keepers.runtime.owners import owner_named
from keepers.runtime.process.owner import PlanSubject
from keepers.store.database import Database
from keepers.store.tickets import TicketRepository
from keepers.store.transfers import TransferRepository

SHORTEST = 4
"""Minimum characters of a run id prefix, which must be unique."""


@dataclass(frozen=True, slots=True)
class Request:
    """Request for approval, with the owner of its run and the subject of its plan."""

    record: TicketRecord
    owner: str
    subject: PlanSubject

    @property
    def run_id(self) -> str:
        """The run's id, which identifies the request."""
        return self.record.ticket.run_id


def waiting(settings: Settings, database: Database, vault: str | None) -> list[Request]:
    """Return the requests that wait for approval, newest first."""
    tickets = TicketRepository(database)
    return [_request(settings, tickets, record) for record in tickets.waiting(vault)]


def find(settings: Settings, database: Database, run_id: str) -> Request:
    """Return the request of a run, identified by a prefix of its id.

    Raises:
        InputError: Several runs match, or the prefix is too short.
        NoTicketError: No run matches, or the run needs no approval.
        AlteredPlanError: The plan was changed in the database.
    """
    tickets = TicketRepository(database)
    record = tickets.ticket(run_id)
    if record is None and len(run_id) < SHORTEST:
        raise InputError("RUN", f"{run_id!a} is too short; enter at least {SHORTEST} characters")
    if record is None:
        found = tickets.beginning(run_id)
        if len(found) > 1:
            raise InputError(
                "RUN", f"{len(found)} requests begin with {run_id!a}; enter more characters"
            )
        record = next(iter(found), None)
    if record is None:
        raise NoTicketError(run_id)
    computed = hash_of(record.ticket.plan)
    if computed != record.ticket.plan_hash:
        raise AlteredPlanError(record.ticket.run_id, record.ticket.plan_hash, computed)
    return _request(settings, tickets, record)


def find_all(settings: Settings, database: Database, text: str) -> list[Request]:
    """Return the request of a run, or the requests of a batch, identified by an id prefix.

    Raises:
        InputError, NoTicketError, AlteredPlanError: As for `find`.
    """
    batches = TransferRepository(database).batches_beginning(text) if len(text) >= SHORTEST else ()
    planned = [each for each in batches if each.plans]
    if len(planned) != 1:
        return [find(settings, database, text)]
    return [find(settings, database, each.run_id) for each in planned[0].plans]


def _request(settings: Settings, tickets: TicketRepository, record: TicketRecord) -> Request:
    name = tickets.owner(record.ticket.run_id)
    return Request(record, name, owner_named(settings, name).plan_subject(record.ticket.plan))


async def progress_of(database: Database, request: Request) -> str:
    """Describe the approvals given so far, as in `1 of 2; Safe 0x…: 1 of its 2 owners`.

    If the chain does not respond, describe only the number of signatures.
    """
    tickets = TicketRepository(database)
    record = tickets.ticket(request.run_id) or request.record
    try:
        async with request.subject.node() as node:
            plans = request.subject.plans(node, record.ticket.plan)
            asked = ApprovalDependencies(request.subject.name, tickets, plans)
            return await weighed(asked, record)
    except ChainError:
        return f"{len(record.approvals)} signature(s); their weight is unknown now"


async def weighed(dependencies: ApprovalDependencies, record: TicketRecord) -> str:
    """Describe the weights of complete signatures, and the owners who signed for contracts."""
    complete = await signatures_of(dependencies, record)
    weight = sum(await dependencies.plans.weights(record.ticket.plan, complete))
    parts = [f"{weight} of {record.ticket.required}"]
    if weight >= record.ticket.required:
        return f"{parts[0]}: the keeper opens it at its next check"
    done = {each.signer for each in complete}
    signed = Counter(each.signer for each in record.approvals if each.signer != each.owner)
    for safe, count in sorted(signed.items()):
        if safe not in done:
            threshold = await dependencies.plans.threshold(safe)
            parts.append(f"Safe {safe}: {count} of its {threshold} owners")
    return "; ".join(parts)


def request_document(database: Database, request: Request) -> dict[str, Json]:
    """Return a request as a document; amounts are strings of base units."""
    ticket, plan = request.record.ticket, request.record.ticket.plan
    return {
        "run_id": request.run_id,
        "vault": request.owner,
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
        "actions": request.subject.actions(database, request.record),
        "approvals": [
            {"signer": each.signer, "owner": each.owner, "given_at": each.given_at.isoformat()}
            for each in request.record.approvals
        ],
    }


def lines_of(database: Database, request: Request) -> list[str]:
    """Describe a request: the reason, each action, the deadline, and the signatures."""
    ticket, plan = request.record.ticket, request.record.ticket.plan
    return [
        f"Run {request.run_id} of {request.subject.name}: {request.record.state.lower()}",
        *request.subject.lines(database, request.record),
        _given(request.record),
        f"executed by {plan.keeper} through {request.subject.consumer} {plan.consumer}",
        f"plan hash {ticket.plan_hash}, ledger {plan.ledger}, chain {plan.chain_id}",
    ]


def _given(record: TicketRecord) -> str:
    until = f"{record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
    given = f"{len(record.approvals)} signature(s)"
    return f"approvals: {given}, {record.ticket.required} needed, before {until}"
