"""Policy investments: idle amounts above base on chains that name a venue."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.model.batch import BatchOrigin, Demand, WantedPlacement
from keepers.model.bridge import to_units_down
from keepers.model.inventory_state import (
    SIZE_DECIMALS,
    InventorySettings,
    InventorySnapshot,
    size_of,
    state_machine_id,
)
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import TreasuryView
from keepers.planning.inventory.request import snapshot_key, unknown_chains


def policy_demands(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> tuple[Demand, ...]:
    """Return the investments, by chain, of an asset without triggers or movements in progress.

    Amounts are bounded by the current limits: the venue's and, if no approval is required, the
    keeper's. The rest follows as limits refill. Unreadable and paused chains are left out.
    """
    if snapshot.under_way.get(asset):
        return ()
    key = snapshot_key(settings, snapshot, asset, ())
    return tuple(_demand(asset, key, *each) for each in _placements(settings, snapshot, asset))


def _placements(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> Iterator[tuple[WantedPlacement, int]]:
    """Return the placement of each chain with the amount that must stay idle there."""
    unknown = unknown_chains(settings, snapshot, asset)
    for chain_id, each in settings.chains_of(asset):
        if each.invest is None or each.base is None or chain_id in unknown:
            continue
        if snapshot.views[chain_id].paused:
            continue
        above = snapshot.idle(asset, chain_id) - each.base
        amount = min(above, _most(snapshot.views[chain_id], each.invest, above, each.decimals))
        if amount >= max(each.invest_minimum, 1):
            put = WantedPlacement(
                chain_id=chain_id,
                asset=asset,
                verb=PlacementVerb.INVEST,
                venue=each.invest,
                amount=amount,
            )
            yield put, each.base


def _demand(asset: str, key: str, placement: WantedPlacement, base: int) -> Demand:
    name = state_machine_id(placement.chain_id)
    return Demand(
        origin=BatchOrigin.POLICY,
        key=f"policy:{key}:{name}",
        detail={"plan": "the idle balance above base is invested", "need": [f"{asset} {name}"]},
        placements=(placement,),
        floors={(asset, placement.chain_id): base},
    )


def _most(view: TreasuryView, venue: str, amount: int, decimals: int) -> int:
    limit = view.venue_limits.get(venue)
    most = 0 if limit is None else limit.available
    if view.bands.approvals_for(size_of(max(0, min(amount, most)), decimals)):
        return most
    return min(most, to_units_down(view.keeper_limits.automatic.available, SIZE_DECIMALS, decimals))
