"""Status of all treasuries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from keepers.config import Settings
from keepers.model.errors.chain import ChainError
from keepers.model.inventory_state import InventorySnapshot
from keepers.model.json_document import Json
from keepers.reports.amounts import one_line
from keepers.reports.status_text import print_treasuries, trouble_lines
from keepers.reports.transfer_text import render_transfers
from keepers.reports.treasury_status import TreasuryStatus, treasury_document
from keepers.runtime.process.owner import OwnerStatus
from keepers.runtime.process.price_waits import price_waits
from keepers.runtime.treasury.runtime import TreasuryReading, treasury_reading
from keepers.runtime.treasury.sender import sender_of_treasury
from keepers.runtime.treasury.setup import labels_of
from keepers.store.pauses import read_pauses
from keepers.transfers.inventory.snapshot import take_snapshot

TITLE = "In progress, stuck transfers first; for details, run `ballast transfers show ID`:\n"


async def treasury_status(settings: Settings) -> OwnerStatus:
    """Read holdings, bases, limits, transfers and batches of all treasuries."""
    async with treasury_reading(settings, with_bridges=False) as reading:
        status = await read_status(reading)
        now = reading.inventory.transfers.now()
    document = treasury_document(status)

    def text(width: int | None) -> str:
        below = [f"{one_line(each)}\n" for each in _lines(status, document)]
        if not status.transfers:
            return "".join(below)
        rows = render_transfers(status.transfers, labels_of(settings), now, width)
        return "".join([TITLE, rows, *below])

    return OwnerStatus(document, lambda console: print_treasuries(console, document), text)


def _lines(status: TreasuryStatus, document: Mapping[str, Any]) -> Iterator[str]:
    for each in document["placements"]:
        move = f"{each['verb'].lower()} {each['amount']} {each['asset']} with {each['venue']}"
        yield f"{each['chain']}: {move}: {each['state'].lower()}"
    for batch in status.batches:
        until = f" until {batch.deadline:%Y-%m-%d %H:%M} UTC" if batch.plans else ""
        yield f"batch {batch.batch_id}: {batch.origin.lower()}, {batch.state.lower()}{until}"
    if not (status.transfers or status.placements or status.batches):
        yield "Nothing is in progress."
    yield from trouble_lines(document)


async def read_status(reading: TreasuryReading) -> TreasuryStatus:
    """Read all chains at once; bridges are not asked.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    store = reading.inventory.transfers
    snapshot = await take_snapshot(reading.inventory)
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
        pauses=reading.database.read(read_pauses),
        price_waits=await _price_waits(reading, snapshot),
    )


async def _price_waits(reading: TreasuryReading, snapshot: InventorySnapshot) -> list[Json]:
    """Return work that waits for gas on the readable chains, at the price of their blocks."""
    found: list[Json] = []
    for chain in reading.setup.chains.values():
        view = snapshot.views.get(chain.chain.chain_id)
        if view is not None:
            with suppress(ChainError):  # the chain became unreadable; the next read reports it
                head = await reading.nodes[view.chain_id].head(view.block_number)
                sender = sender_of_treasury(reading.setup, chain)
                found.extend(price_waits(reading.database, sender, head.base_fee))
    return found
