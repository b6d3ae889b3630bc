"""Reading of all treasuries for their status."""

from __future__ import annotations

from contextlib import suppress

from keepers.model.errors.chain import ChainError
from keepers.model.inventory_state import (
    InventorySnapshot,
)
from keepers.model.json_document import Json
from keepers.reports.treasury_status import TreasuryStatus
from keepers.runtime.process.price_waits import price_waits
from keepers.runtime.senders import sender_of_treasury
from keepers.runtime.treasury.read_only import TreasuryReading
from keepers.store.pauses import read_pauses
from keepers.transfers.inventory.snapshot import look_at_all

COIN_DECIMALS = 18


async def read_status(reading: TreasuryReading) -> TreasuryStatus:
    """Look at all chains at once; bridges are not asked.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    store = reading.inventory.transfers
    snapshot = await look_at_all(reading.inventory)
    under_way = [each for each in store.unsettled() if not each.has_ended]
    placements = [each for each in store.open_placements() if not each.has_ended]
    return TreasuryStatus(
        snapshot=snapshot,
        settings=reading.inventory.settings,
        names={each.chain.chain_id: each.name for each in reading.setup.chains.values()},
        treasuries={
            each.chain.chain_id: each.deployment.treasury for each in reading.setup.chains.values()
        },
        fallback_waits={
            asset: store.fallback_waits(asset) for asset in reading.inventory.settings.assets
        },
        transfers=sorted(under_way, key=lambda each: (each.trouble is None, each.created_at)),
        placements=placements,
        batches=store.live_batches(),
        pauses=reading.ledger.read(read_pauses),
        price_waits=await _price_waits(reading, snapshot),
    )


async def _price_waits(reading: TreasuryReading, snapshot: InventorySnapshot) -> list[Json]:
    """What waits for gas on the chains that were read, at the price of the blocks that were."""
    found: list[Json] = []
    for chain in reading.setup.chains.values():
        view = snapshot.views.get(chain.chain.chain_id)
        if view is not None:
            with suppress(ChainError):  # the chain has gone just now; the next look says so
                head = await reading.nodes[view.chain_id].head(view.block_number)
                sender = sender_of_treasury(reading.setup, chain)
                found.extend(price_waits(reading.ledger, sender, head.base_fee))
    return found
