"""The machine kept going: for a moment of a service, or until only bridges are waited for."""

from __future__ import annotations

from keepers.transfers.machine.dependencies import TransferWorld
from keepers.transfers.machine.machine import Pass, advance_all


async def advance_while_moving(world: TransferWorld) -> Pass:
    """Passes for as long as something changes; raises as `advance_all`."""
    while True:
        made = await advance_all(world)
        if not made.changed:
            return made


async def advance_until_bridged(world: TransferWorld, *, poll_seconds: float) -> None:
    """Passes until every transaction is as deep as it must be: what is left, others carry.

    What waits for coins, for cheaper gas or for a person is left as well. Raises as `advance_all`.
    """
    while (await advance_while_moving(world)).is_sending:
        await world.clock.sleep(poll_seconds)
