"""A transfer's departure, as bridges are told of it."""

from __future__ import annotations

from datetime import timedelta

from keepers.model.bridges.values import Departure
from keepers.model.transfer_record import TransferRecord
from keepers.transfers.machine.dependencies import TransferWorld

LEEWAY = timedelta(days=1)
"""So much the database's clock may have been ahead when the transfer was planned: what a bridge has
of it is looked for from then on, and one more day costs nothing."""


async def departure_of(
    world: TransferWorld, record: TransferRecord, transaction: str
) -> Departure | None:
    """The departure by a transaction; None while the chain does not have that.

    Raises:
        NoDepartureError: The transaction did nothing.
        ChainError: The chain cannot be read.
    """
    receipt = await world.source(record).receipt(transaction)
    if receipt is None:
        return None
    return Departure(
        transfer_id=record.transfer_id,
        terms=record.terms,
        receipt=receipt,
        at=record.created_at - LEEWAY,
        destination_block=record.new.destination_block,
    )
