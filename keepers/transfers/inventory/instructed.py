"""Chains that an instruction still has to touch: the rulebook leaves them alone, and no others.

A source is free again once the transfer has left it: the balance that was read lacks the money
then. A destination is free once all has arrived that is on its way there, and is invested where
that was asked for. So nothing is planned with what an instruction still takes or brings.
"""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.batch import BatchOrigin
from keepers.model.inventory_state import InventorySnapshot
from keepers.model.transfer import CALLED_OFF, TransferStage
from keepers.model.transfer_record import TransferRecord
from keepers.transfers.inventory.dependencies import InventoryWorld


def instructed_chains(
    world: InventoryWorld, snapshot: InventorySnapshot, asset: str
) -> dict[int, str]:
    """What each of these chains waits for, by chain id.

    The memory is read after the chains, so that an instruction that was taken up in between keeps
    its chains out of the plan.
    """
    found: dict[int, str] = {}
    for batch in world.transfers.live_batches():
        if batch.origin is BatchOrigin.INSTRUCTION:
            for chain_id, text in _touched(world, snapshot, batch.batch_id, asset):
                found.setdefault(chain_id, text)
    return found


def _touched(
    world: InventoryWorld, snapshot: InventorySnapshot, batch_id: str, asset: str
) -> Iterator[tuple[int, str]]:
    for each in world.transfers.of_batch(batch_id):
        if each.terms.asset == asset:
            yield from _ends(snapshot, each)
    for placement in world.transfers.placements_of(batch_id):
        new = placement.new
        if new.asset == asset and not placement.has_ended:
            name = f"placement {new.placement_id[:10]} of an instruction"
            yield new.chain_id, f"until {name} has ended"


def _ends(snapshot: InventorySnapshot, record: TransferRecord) -> Iterator[tuple[int, str]]:
    """The ends of a transfer that it still has to touch."""
    name = f"transfer {record.transfer_id[:10]} of an instruction"
    if not _has_left(snapshot, record):
        yield record.terms.source_chain, f"until {name} has left"
    if not record.has_ended:
        yield record.terms.destination_chain, f"until {name} has arrived"


def _has_left(snapshot: InventorySnapshot, record: TransferRecord) -> bool:
    """Whether it has left for all that is known, and the balance that was read shows it."""
    if record.place == CALLED_OFF:
        return True
    view = snapshot.views.get(record.terms.source_chain)
    legs = None if view is None else view.legs.get(record.transfer_id)
    is_seen = legs is not None and legs.sent is not None
    return is_seen and record.place.stage is not TransferStage.TRANSFER_OUT
