"""Requests for approval, found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from keepers.chain.plans.typed_data import hash_of
from keepers.config import Settings
from keepers.model.approval import TicketRecord
from keepers.model.errors import InputError
from keepers.model.errors.chain import ChainError
from keepers.model.errors.run import AlteredPlanError, NoTicketError
from keepers.model.json_document import Json
from keepers.model.run import RunRecord
from keepers.model.transfer_record import TREASURY
from keepers.model.treasury import TreasuryPlan
from keepers.runs.approvals.ports import ApprovalDependencies
from keepers.runs.approvals.state import signatures_of
from keepers.runtime.approvals.owners import Place, node_of, place_of, plans_of, subject_of
from keepers.runtime.treasury import approvals as of_treasury
from keepers.runtime.vault import approvals as of_vault
from keepers.runtime.vault.setup import VaultSetup
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from keepers.store.tickets import TicketRepository
from keepers.store.transfers import TransferRepository

SHORTEST = 4
"""Characters of a run's id that name it, if no other begins so."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request for approval, the run of a vault, and the place that it is about."""

    record: TicketRecord
    run: RunRecord | None
    setup: Place

    @property
    def run_id(self) -> str:
        """The run's id, by which the request goes."""
        return self.record.ticket.run_id

    @property
    def vault_run(self) -> RunRecord:
        """The run, where it is known to be a vault's."""
        assert self.run is not None  # noqa: S101 - only a treasury's plan has none in the journal
        return self.run

    @property
    def vault(self) -> str:
        """In whose name the run is kept."""
        return TREASURY if self.run is None else self.run.run.vault

    @property
    def subject(self) -> str:
        """What it is about, for people."""
        return subject_of(self.setup)


def waiting(settings: Settings, ledger: Database, vault: str | None) -> list[Request]:
    """What waits for approval, newest first."""
    journal = RunRepository(ledger)
    return [
        _request(settings, journal, record) for record in TicketRepository(ledger).waiting(vault)
    ]


def find(settings: Settings, ledger: Database, run_id: str) -> Request:
    """The request of a run, which the beginning of its id names.

    Raises:
        InputError: Several runs begin so, or it is too short to tell.
        NoTicketError: None does, or it asks for no approval.
        AlteredPlanError: Somebody changed it in the database.
    """
    tickets, journal = TicketRepository(ledger), RunRepository(ledger)
    record = tickets.ticket(run_id)
    if record is None and len(run_id) < SHORTEST:
        raise InputError("RUN", f"{run_id!a} is too short; say at least {SHORTEST} characters")
    if record is None:
        found = tickets.beginning(run_id)
        if len(found) > 1:
            raise InputError("RUN", f"{len(found)} requests begin with {run_id!a}; say more of it")
        record = next(iter(found), None)
    if record is None:
        raise NoTicketError(run_id)
    computed = hash_of(record.ticket.plan)
    if computed != record.ticket.plan_hash:
        raise AlteredPlanError(record.ticket.run_id, record.ticket.plan_hash, computed)
    return _request(settings, journal, record)


def find_all(settings: Settings, ledger: Database, text: str) -> list[Request]:
    """The request of a run, or those of all chains of a batch; the beginning of an id names it.

    Raises:
        InputError, NoTicketError, AlteredPlanError: As `find`.
    """
    batches = TransferRepository(ledger).batches_beginning(text) if len(text) >= SHORTEST else ()
    planned = [each for each in batches if each.plans]
    if len(planned) != 1:
        return [find(settings, ledger, text)]
    return [find(settings, ledger, each.run_id) for each in planned[0].plans]


def _request(settings: Settings, journal: RunRepository, record: TicketRecord) -> Request:
    ticket = record.ticket
    if isinstance(ticket.plan, TreasuryPlan):
        return Request(record, None, place_of(settings, TREASURY, ticket.plan))
    run = journal.run(ticket.run_id)
    return Request(record, run, place_of(settings, run.run.vault, ticket.plan))


async def progress_of(ledger: Database, request: Request) -> str:
    """How much of what is needed is given, as in `1 of 2; Safe 0x…: 1 of its 2 owners`.

    A chain that does not answer leaves the number of signatures.
    """
    tickets = TicketRepository(ledger)
    record = tickets.ticket(request.run_id) or request.record
    try:
        async with node_of(request.setup) as node:
            plans = plans_of(node, record.ticket.plan)
            return await weighed(ApprovalDependencies(request.subject, tickets, plans), record)
    except ChainError:
        return f"{len(record.approvals)} signature(s); what they count is not known now"


async def weighed(desk: ApprovalDependencies, record: TicketRecord) -> str:
    """The weights of complete signatures, and the owners who signed for contracts so far.

    Raises:
        ChainError: The chain cannot be read.
    """
    complete = await signatures_of(desk, record)
    weight = sum(await desk.plans.weights(record.ticket.plan, complete))
    told = [f"{weight} of {record.ticket.required}"]
    if weight >= record.ticket.required:
        return f"{told[0]}: the keeper opens it at its next look"
    done = {each.signer for each in complete}
    signed = Counter(each.signer for each in record.approvals if each.signer != each.owner)
    for safe, count in sorted(signed.items()):
        if safe not in done:
            threshold = await desk.plans.threshold(safe)
            told.append(f"Safe {safe}: {count} of its {threshold} owners")
    return "; ".join(told)


def request_document(ledger: Database, request: Request) -> dict[str, Json]:
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


def lines_of(ledger: Database, request: Request) -> list[str]:
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


def _actions(ledger: Database, request: Request) -> list[Json]:
    if isinstance(request.setup, VaultSetup):
        return of_vault.actions_of(request, request.setup)
    return of_treasury.actions_of(ledger, request, request.setup)


def _given(record: TicketRecord) -> str:
    until = f"{record.ticket.deadline:%Y-%m-%d %H:%M} UTC"
    given = f"{len(record.approvals)} signature(s)"
    return f"approvals: {given}, {record.ticket.required} needed, before {until}"
