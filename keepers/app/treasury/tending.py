"""What waits to begin: instructions that have come in, and batches that people have approved."""

from __future__ import annotations

from keepers.domain.batch import BatchRecord
from keepers.engine.inventory.approving import open_batches
from keepers.engine.inventory.instructing import take_instructions
from keepers.engine.inventory.world import InventoryWorld


async def begin_what_waits(world: InventoryWorld) -> tuple[BatchRecord, ...]:
    """Take up instructions, and begin what is approved; answers the batches of instructions."""
    made = await take_instructions(world, armed=True)
    while await open_batches(world):
        pass
    return made
