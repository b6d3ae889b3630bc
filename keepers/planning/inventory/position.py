"""Positions of each asset on each chain, including movements in progress.

Legs are read at the block of the balance, so that nothing is counted twice or missed: a leg changes
the held balance and the expected change at the same time, in opposite directions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import InventorySettings, InventorySnapshot, state_machine_id
from keepers.model.money import WHOLE_BPS
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, DONE, TransferStage
from keepers.model.transfer_record import (
    PlacementRecord,
    PlacementVerb,
    TransferRecord,
    TransferWork,
)
from keepers.model.treasury import Legs, VenuePosition

NO_CHANGE = frozenset({StepState.SKIPPED, StepState.FAILED})


@dataclass(frozen=True, slots=True)
class Movement:
    """Pending effects of a transfer.

    Attributes:
        in_flight: Effect on both balances, without what goes into a venue on arrival.
        withheld: Arrived amount that will go into a venue, in units of the destination.
    """

    in_flight: InFlight | None
    withheld: int = 0


def movement_of(
    record: TransferRecord,
    source: Legs | None,
    destination: Legs | None,
    arriving: int | None = None,
) -> Movement:
    """Return the pending effects of a transfer.

    A leg on an unreadable chain counts as not done. That chain's balance is not planned, and the
    other chain errs on the safe side: an amount that may still arrive is counted and not sent
    twice.

    Args:
        record: The stored transfer.
        source: Its legs on the source at the block of the balance; None if unread.
        destination: Its legs on the destination at the block of the balance; None if unread.
        arriving: Amount to arrive as reported by a bridge, in units of the destination, or None.

    Returns:
        The effects. A cancelled transfer that has not left is not in flight. A transfer abandoned
        by an operator no longer counts as arriving.
    """
    debited = source is not None and source.sent is not None
    credited = destination is not None and destination.received is not None
    if record.position == CALLED_OFF and source is not None and not debited:
        return Movement(None)
    is_given_up = record.position == DONE and record.received is None
    terms, invested = record.terms, _to_invest(record, destination or Legs())
    flight = InFlight(
        asset=terms.asset,
        source=state_machine_id(terms.source_chain),
        destination=state_machine_id(terms.destination_chain),
        amount=terms.amount,
        arriving=_first(record.received, record.arriving, arriving, terms.min_received)
        - (0 if credited else invested),
        debited=debited,
        credited=credited or is_given_up,
    )
    return Movement(flight, invested if credited else 0)


def placement_effect(record: PlacementRecord, legs: Legs) -> int:
    """Return the pending change of the idle amount; negative for an investment."""
    move = record.new.move
    if record.state in NO_CHANGE:
        return 0
    if record.new.verb is PlacementVerb.INVEST:
        return 0 if legs.invested is not None else -move.amount
    return 0 if legs.divested is not None else move.amount


def _to_invest(record: TransferRecord, legs: Legs) -> int:
    """Return the pending investment; 0 if done (seen in its leg) or abandoned (stays idle)."""
    put = record.new.invest
    if put is None or legs.invested is not None:
        return 0
    is_over = record.position == DONE and record.states[TransferWork.INVEST] is not StepState.DONE
    return 0 if is_over else put.amount


def _first(*amounts: int | None) -> int:
    return next(each for each in amounts if each is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryPosition:
    """An asset on one chain; amounts in units of the token on that chain.

    Attributes:
        base: Target idle amount; None if the asset is not rebalanced.
        threshold: Balance at or below which the chain is triggered; exact.
        leaving: Amount of transfers that have not left yet.
        coming: Amount that will arrive and stay idle.
        withheld: Idle amount that will go into venues.
        released: Amount that will come out of venues.
        effective: Idle amount after all movements in progress.
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
        """Return the amount below the base."""
        return 0 if self.base is None else max(0, self.base - self.effective)

    @property
    def surplus(self) -> int:
        """Return the amount above the base."""
        return 0 if self.base is None else max(0, self.effective - self.base)

    @property
    def is_triggered(self) -> bool:
        """Return whether the balance is at or below its threshold."""
        return self.threshold is not None and self.effective <= self.threshold


def positions_of(
    settings: InventorySettings, snapshot: InventorySnapshot
) -> Iterator[InventoryPosition]:
    """Yield positions by asset and chain id, for readable chains."""
    for asset in settings.assets:
        for chain_id, each in settings.chains_of(asset):
            if chain_id not in snapshot.views:
                continue
            kept = 1 - settings.trigger_percentage
            yield InventoryPosition(
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
    """Return the amounts that will arrive and stay idle, by asset, chain and stage.

    Transfers of unreadable chains are left out.
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
            found[place][record.position.stage] += flight.arriving
    return found


def least_shares(position: VenuePosition | None, amount: int, tolerance_bps: int) -> int:
    """Return the minimum shares at the position's current price, less a tolerance, rounded down.

    An empty position has no price: the result is 0, and only the treasury's own loss bound on
    investments applies.
    """
    if position is None or position.value == 0:
        return 0
    kept = Fraction(WHOLE_BPS - tolerance_bps, WHOLE_BPS)
    return int(Fraction(amount * position.shares, position.value) * kept)


def most_shares(position: VenuePosition, amount: int, tolerance_bps: int) -> int:
    """Return the maximum shares at that price plus a tolerance, rounded up, at most all shares."""
    more = Fraction(WHOLE_BPS + tolerance_bps, WHOLE_BPS)
    needed = -(-Fraction(amount * position.shares, max(position.value, 1)) * more // 1)
    return min(position.shares, int(needed))
