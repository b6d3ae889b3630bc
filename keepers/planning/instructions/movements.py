"""Pure planning of the divestments, transfers and investments that reach an asset's targets.

Venue balances beyond their targets are divested first. Each chain then has a pool and a need: its
idle target plus what its venues receive. Transfers even out pools and needs. What remains beyond
all needs goes to the remainder chain, less the maximum bridge fees.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.batch import ChainTarget, TargetOrder, WantedPlacement
from keepers.model.inventory import Balance, InventoryRequest, Route, SharedLimit
from keepers.model.inventory_state import (
    InventorySettings,
    InventorySnapshot,
    state_machine_id,
)
from keepers.model.money import format_rounded
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import VenuePosition

ANY_DEFICIT = Fraction(1, 10**40)
"""Trigger percentage at which every missing unit counts."""

OFFSET = 1
"""Added to every base and balance, since a plan rejects a base of 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """Movements of one asset; amounts by chain id, in units of the token there.

    Attributes:
        pools: Idle balance after all divestments.
        needs: Required balance after divestments and before investments.
        idle: Target idle balance.
        slack: Tolerated deviation.
    """

    asset: str
    divested: tuple[WantedPlacement, ...]
    invested: tuple[WantedPlacement, ...]
    pools: Mapping[int, int]
    needs: Mapping[int, int]
    idle: Mapping[int, int]
    slack: Mapping[int, int]
    remainder: int


def shift_of(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str, order: TargetOrder
) -> Shift | str:
    """Return the movements of an asset without fees, or the reason why funds are insufficient."""
    targets = order.targets[asset]
    sizes = {each: settings.decimals(each, asset) for each in targets}
    slack = {each: int(order.tolerance * 10**size) for each, size in sizes.items()}
    placed = [
        each
        for chain_id, target in sorted(targets.items())
        for each in _placements(snapshot, asset, chain_id, target, slack[chain_id])
    ]
    divested = tuple(each for each in placed if each.verb is PlacementVerb.DIVEST)
    invested = tuple(each for each in placed if each.verb is PlacementVerb.INVEST)
    pools = {
        each: snapshot.available(asset, each) + _sum(divested, each) for each in sorted(targets)
    }
    needs = {each: targets[each].idle + _sum(invested, each) for each in pools}
    missing = sum(Fraction(needs[each] - pools[each], 10 ** sizes[each]) for each in pools)
    if missing > 0:
        return _too_little(asset, pools, needs, sizes)
    remainder = order.remainder
    if remainder is None:
        remainder = max(pools, key=lambda each: (_tokens(targets[each].total, sizes[each]), -each))
    return Shift(
        asset=asset,
        divested=divested,
        invested=invested,
        pools=pools,
        needs=needs,
        idle={each: targets[each].idle for each in pools},
        slack=slack,
        remainder=remainder,
    )


def request_of(
    settings: InventorySettings,
    shift: Shift,
    routes: tuple[Route, ...] = (),
    fees: Fraction = Fraction(0),
    limits: tuple[SharedLimit, ...] = (),
) -> InventoryRequest:
    """Return the planner's request: bases are needs, and pools within tolerance stay unchanged.

    Args:
        settings: Decimals, and the time limit of a plan.
        shift: The movements.
        routes: The routes to use.
        fees: Maximum bridge fees in whole tokens; subtracted from the remainder.
        limits: Limits on the total that may leave a chain.
    """
    sizes = {each: settings.decimals(each, shift.asset) for each in shift.pools}
    bases = _bases(shift, sizes, fees, is_tolerant=True)
    if bases[shift.remainder] < _least(shift, shift.remainder):
        bases = _bases(shift, sizes, fees, is_tolerant=False)
    rest = shift.remainder
    bases[rest] = max(bases[rest], _least(shift, rest))
    balances = {
        state_machine_id(each): Balance(
            base=bases[each] + OFFSET, balance=pool + OFFSET, decimals=sizes[each]
        )
        for each, pool in shift.pools.items()
    }
    return InventoryRequest(
        trigger_percentage=ANY_DEFICIT,
        assets={shift.asset: balances},
        routes=routes,
        limits=limits,
        time_limit=settings.time_limit,
    )


def _bases(
    shift: Shift, sizes: Mapping[int, int], fees: Fraction, *, is_tolerant: bool
) -> dict[int, int]:
    """Return the base of each chain; the remainder chain gets the rest, less the fees."""
    bases: dict[int, int] = {}
    left = -fees
    for chain_id, pool in shift.pools.items():
        if chain_id == shift.remainder:
            continue
        need, most = shift.needs[chain_id], shift.slack[chain_id] if is_tolerant else 0
        is_close = _least(shift, chain_id) <= pool <= need + most
        bases[chain_id] = pool if is_close else need
        left += _tokens(pool - bases[chain_id], sizes[chain_id])
    rest, pool = shift.remainder, shift.pools[shift.remainder]
    change = int(left * 10 ** sizes[rest] // 1)
    is_close = 0 < change <= shift.slack[rest] and pool >= _least(shift, rest)
    bases[rest] = pool if is_close else pool + change
    return bases


def _least(shift: Shift, chain_id: int) -> int:
    """Return a chain's minimum: its need less the slack, at least what its venues receive."""
    slack = min(shift.slack[chain_id], shift.idle[chain_id])
    return shift.needs[chain_id] - slack


def _placements(
    snapshot: InventorySnapshot, asset: str, chain_id: int, target: ChainTarget, slack: int
) -> Iterator[WantedPlacement]:
    positions = snapshot.views[chain_id].holdings[asset].positions
    for venue, wanted in sorted(target.venues.items()):
        change = wanted - _value(positions, venue)
        if abs(change) > slack:
            verb = PlacementVerb.INVEST if change > 0 else PlacementVerb.DIVEST
            yield WantedPlacement(
                chain_id=chain_id, asset=asset, verb=verb, venue=venue, amount=abs(change)
            )


def _value(positions: tuple[VenuePosition, ...], venue: str) -> int:
    return sum(each.value for each in positions if each.venue.lower() == venue.lower())


def _sum(placements: tuple[WantedPlacement, ...], chain_id: int) -> int:
    return sum(each.amount for each in placements if each.chain_id == chain_id)


def _tokens(units: int, decimals: int) -> Fraction:
    return Fraction(units, 10**decimals)


def _too_little(
    asset: str, pools: Mapping[int, int], needs: Mapping[int, int], sizes: Mapping[int, int]
) -> str:
    have, want = (
        sum((_tokens(each[chain], sizes[chain]) for chain in pools), Fraction(0))
        for each in (pools, needs)
    )
    return (
        f"the targets of {asset} need {format_rounded(want, 6)} idle or to be invested, and the "
        f"chains that are named have {format_rounded(have, 6)}"
    )
