"""What people are asked for a batch: one request for each chain whose part needs approval."""

from __future__ import annotations

from keepers.model.approval import NewTicket
from keepers.model.inventory_state import InventorySnapshot
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.draft import Draft


def tickets_of(
    world: InventoryWorld, snapshot: InventorySnapshot, draft: Draft
) -> tuple[NewTicket, ...]:
    """The requests, by chain id; their hours are by the chains' time."""
    return tuple(
        NewTicket(
            run_id=each.run_id,
            plan=each.plan,
            plan_hash=world.plans[chain_id].hash_of(each.plan),
            required=each.required,
            asked_at=snapshot.views[chain_id].at,
            deadline=snapshot.views[chain_id].at + world.settings.approval_window,
        )
        for chain_id, each in sorted(draft.plans.items())
    )
