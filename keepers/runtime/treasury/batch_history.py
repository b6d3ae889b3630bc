"""A batch with all that belongs to it, from the database alone."""

from __future__ import annotations

from keepers.model.errors import InputError
from keepers.reports.batch_document import BatchStory
from keepers.store.database import Ledger
from keepers.store.tickets import SqlTickets
from keepers.store.transfers import SqlTransfers


def story_of(ledger: Ledger, text: str) -> BatchStory:
    """The batch whose id begins so.

    Raises:
        InputError: There is none, or several.
    """
    store, tickets = SqlTransfers(ledger), SqlTickets(ledger)
    found = [each for each in store.batches(None) if each.batch_id.startswith(text)]
    if len(found) != 1:
        problem = f"{len(found)} batches have ids that begin with {text!a}; say more of it"
        raise InputError("--batch", problem if found else f"there is no batch {text!a}")
    batch = found[0]
    transfers, placements = store.of_batch(batch.batch_id), store.placements_of(batch.batch_id)
    runs = [each.new.run_id for each in (*transfers, *placements)]
    runs += [each.run_id for each in batch.plans]
    asked = (tickets.ticket(each.run_id) for each in batch.plans)
    return BatchStory(
        batch=batch,
        transfers=transfers,
        timelines={each.transfer_id: store.timeline(each.transfer_id) for each in transfers},
        placements=placements,
        tickets=[each for each in asked if each is not None],
        intents={run_id: store.intents(run_id) for run_id in runs},
    )
