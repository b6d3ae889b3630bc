"""What people rejected, or let expire, is not asked for again within a day."""

from __future__ import annotations

from datetime import timedelta

from keepers.model.approval import TicketState
from keepers.model.batch import BatchRecord, BatchState
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.draft import Draft

QUIET = timedelta(days=1)
RECENT = 200
"""So many of the newest batches are looked through."""


def is_declined(world: InventoryWorld, draft: Draft) -> bool:
    """Whether people said no, or nothing, to a batch for the same need since yesterday."""
    if not draft.plans:
        return False
    since = world.transfers.now() - QUIET
    return any(
        batch.state is BatchState.REFUSED
        and batch.ended_at is not None
        and batch.ended_at > since
        and batch.origin is draft.demand.origin
        and batch.detail.get("need") == draft.demand.detail["need"]
        and _was_declined(world, batch)
        for batch in world.transfers.batches(RECENT)
    )


def _was_declined(world: InventoryWorld, batch: BatchRecord) -> bool:
    tickets = (world.tickets.ticket(each.run_id) for each in batch.plans)
    declined = {TicketState.REJECTED, TicketState.EXPIRED}
    return any(each is not None and each.state in declined for each in tickets)
