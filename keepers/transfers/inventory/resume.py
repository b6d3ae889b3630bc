"""What happens between checks: instructions are taken up, and approved batches begin."""

from __future__ import annotations

from keepers.transfers.inventory.approved_batches import open_batches
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.instructions import take_instructions


async def tend_inventory(world: InventoryWorld) -> bool:
    """Take up instructions and bring on what waits; whether anything has changed.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper does this.
        StoreUnavailableError: The database cannot be written.
    """
    taken = await take_instructions(world, armed=True)
    opened = await open_batches(world)
    return bool(taken) or opened
