"""What the policy invests: what is idle above base, where a chain says into which venue."""

from __future__ import annotations

from keepers.domain.batch import BatchOrigin
from keepers.domain.bridging.gross_up import to_units_down
from keepers.domain.demand import Demand, WantedPlacement
from keepers.domain.inventory_state import (
    SIZE_DECIMALS,
    InventorySettings,
    InventorySnapshot,
    size_of,
    state_machine_id,
)
from keepers.domain.transfer_record import PlacementVerb
from keepers.domain.treasury import TreasuryView
from keepers.planning.inventory.standing import snapshot_key


def policy_demand(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> Demand | None:
    """What is to be invested of an asset that is not triggered and not under way, if anything.

    No more than limits admit now: the venue's and, where nobody has to approve, the keeper's. The
    rest follows as they fill.
    """
    if snapshot.under_way.get(asset):
        return None
    placements: list[WantedPlacement] = []
    for chain_id, each in settings.chains_of(asset):
        if each.invest is None or each.base is None:
            continue
        above = snapshot.idle(asset, chain_id) - each.base
        amount = min(above, _most(snapshot.views[chain_id], each.invest, above, each.decimals))
        if amount >= max(each.invest_minimum, 1):
            placements.append(
                WantedPlacement(
                    chain_id=chain_id,
                    asset=asset,
                    verb=PlacementVerb.INVEST,
                    venue=each.invest,
                    amount=amount,
                )
            )
    if not placements:
        return None
    return Demand(
        origin=BatchOrigin.POLICY,
        key=f"policy:{snapshot_key(settings, snapshot, asset, ())}",
        detail={
            "plan": "what is idle above base is invested",
            "need": [f"{asset} {state_machine_id(each.chain_id)}" for each in placements],
        },
        placements=tuple(placements),
        floors={
            (asset, chain_id): each.base
            for chain_id, each in settings.chains_of(asset)
            if each.base is not None
        },
    )


def _most(view: TreasuryView, venue: str, amount: int, decimals: int) -> int:
    limit = view.venue_limits.get(venue)
    most = 0 if limit is None else limit.available
    if view.bands.approvals_for(size_of(max(0, min(amount, most)), decimals)):
        return most
    return min(most, to_units_down(view.keeper_limits.automatic.available, SIZE_DECIMALS, decimals))
