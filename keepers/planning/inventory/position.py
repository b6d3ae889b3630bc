"""How each asset stands on each chain: what is there, what is wanted, what is under way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.inventory_state import InventorySettings, InventorySnapshot
from keepers.model.transfer import TransferStage
from keepers.model.transfer_record import TransferRecord
from keepers.planning.inventory.under_way import movement_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """An asset on one chain; amounts in units of the token there.

    Attributes:
        base: What should be idle; None where the asset is not rebalanced.
        threshold: At or below it the chain is triggered; exact.
        leaving: Is to leave by transfers that have not left.
        coming: Is to arrive, and to stay idle.
        withheld: Idle, and about to go into venues.
        released: About to come out of venues.
        effective: What will be idle once all that is under way has come to its end.
    """

    asset: str
    chain_id: int
    decimals: int
    idle: int
    invested: int
    base: int | None
    threshold: Fraction | None
    leaving: int
    coming: int
    withheld: int
    released: int
    effective: int

    @property
    def deficit(self) -> int:
        """What is missing to the base."""
        return 0 if self.base is None else max(0, self.base - self.effective)

    @property
    def surplus(self) -> int:
        """What is above it."""
        return 0 if self.base is None else max(0, self.effective - self.base)

    @property
    def is_triggered(self) -> bool:
        """Whether it has fallen to its threshold."""
        return self.threshold is not None and self.effective <= self.threshold


def positions_of(settings: InventorySettings, snapshot: InventorySnapshot) -> Iterator[Position]:
    """By asset and chain id, of the chains that could be read."""
    for asset in settings.assets:
        for chain_id, each in settings.chains_of(asset):
            if chain_id not in snapshot.views:
                continue
            kept = 1 - settings.trigger_percentage
            yield Position(
                asset=asset,
                chain_id=chain_id,
                decimals=each.decimals,
                idle=snapshot.idle(asset, chain_id),
                invested=snapshot.views[chain_id].holdings[asset].invested,
                base=each.base,
                threshold=None if each.base is None else each.base * kept,
                leaving=snapshot.leaving(asset, chain_id),
                coming=snapshot.coming(asset, chain_id),
                withheld=snapshot.withheld.get((asset, chain_id), 0),
                released=snapshot.released.get((asset, chain_id), 0),
                effective=snapshot.effective(asset, chain_id),
            )


def coming_by_stage(
    snapshot: InventorySnapshot, transfers: Sequence[TransferRecord]
) -> Mapping[tuple[str, int], Mapping[TransferStage, int]]:
    """What is to arrive and to stay idle, by asset and chain, and by where it is now.

    Transfers of chains that could not be read are left out.
    """
    found: defaultdict[tuple[str, int], defaultdict[TransferStage, int]] = defaultdict(
        lambda: defaultdict(int)
    )
    for record in transfers:
        terms, key = record.terms, record.transfer_id
        ends = [snapshot.views.get(each) for each in (terms.source_chain, terms.destination_chain)]
        legs = [None if view is None else view.legs.get(key) for view in ends]
        if legs[0] is None or legs[1] is None:
            continue
        flight = movement_of(record, legs[0], legs[1]).in_flight
        if flight is not None and not flight.credited:
            place = (terms.asset, terms.destination_chain)
            found[place][record.place.stage] += flight.arriving
    return found
