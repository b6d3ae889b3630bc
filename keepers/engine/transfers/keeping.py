"""The machine kept going: for a moment of a service, or until only bridges are waited for."""

from __future__ import annotations

from keepers.domain.transaction.records import IntentRecord
from keepers.engine.transfers.machine import advance_all
from keepers.engine.transfers.world import TransferWorld


async def advance_while_moving(world: TransferWorld) -> None:
    """Passes for as long as something changes; raises as `advance_all`."""
    while await advance_all(world):
        pass


async def advance_until_bridged(world: TransferWorld, *, poll_seconds: float) -> None:
    """Passes until no transaction is under way any more: what is left, others carry.

    Raises as `advance_all`.
    """
    while True:
        await advance_while_moving(world)
        if not await is_sending(world):
            return
        await world.clock.sleep(poll_seconds)


async def is_sending(world: TransferWorld) -> bool:
    """Whether a transaction of a transfer or a placement still has to count."""
    open_runs = [each.new.run_id for each in world.transfers.unsettled() if not each.has_ended]
    open_runs += [
        each.new.run_id for each in world.transfers.open_placements() if not each.has_ended
    ]
    return any(_is_under_way(each) for run in open_runs for each in world.transfers.intents(run))


def _is_under_way(intent: IntentRecord) -> bool:
    """Neither at its end nor waiting for a person or for coins."""
    return not intent.has_ended and intent.hold is None
