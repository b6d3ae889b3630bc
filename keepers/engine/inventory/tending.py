"""What happens between checks: instructions are taken up, and approved batches begin."""

from __future__ import annotations

from keepers.engine.inventory.approving import open_batches
from keepers.engine.inventory.instructing import take_instructions
from keepers.engine.inventory.world import InventoryWorld


async def tend_inventory(world: InventoryWorld) -> bool:
    """Take up instructions and bring on what waits; whether anything has changed.

    Raises:
        LeaseHeld, StaleLease: Another keeper does this.
        JournalUnavailable: The database cannot be written.
    """
    taken = await take_instructions(world, armed=True)
    opened = await open_batches(world)
    return bool(taken) or opened
