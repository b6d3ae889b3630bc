"""How far a request for approval is: the weights that the chain counts, and half-signed Safes."""

from __future__ import annotations

from collections import Counter

from keepers.model.approval import TicketRecord
from keepers.model.errors.chain import ChainError
from keepers.runs.approvals.ports import ApprovalDesk
from keepers.runs.approvals.state import signatures_of
from keepers.runtime.approvals.owners import node_of, plans_of
from keepers.runtime.approvals.requests import Request
from keepers.store.sending.transact import Ledger
from keepers.store.tickets import SqlTickets


async def progress_of(ledger: Ledger, request: Request) -> str:
    """How much of what is needed is given, as in `1 of 2; Safe 0x…: 1 of its 2 owners`.

    A chain that does not answer leaves the number of signatures.
    """
    tickets = SqlTickets(ledger)
    record = tickets.ticket(request.run_id) or request.record
    try:
        async with node_of(request.setup) as node:
            plans = plans_of(node, record.ticket.plan)
            return await weighed(ApprovalDesk(request.subject, tickets, plans), record)
    except ChainError:
        return f"{len(record.approvals)} signature(s); what they count is not known now"


async def weighed(desk: ApprovalDesk, record: TicketRecord) -> str:
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
