"""What the policy invests: what is idle above base, where a chain says into which venue."""

from __future__ import annotations

from keepers.domain.batch import BatchOrigin
from keepers.domain.demand import Demand, WantedPlacement
from keepers.domain.inventory_state import InventorySettings, InventorySnapshot, state_machine_id
from keepers.domain.transfer_record import PlacementVerb
from keepers.planning.inventory.standing import snapshot_key


def policy_demand(
    settings: InventorySettings, snapshot: InventorySnapshot, asset: str
) -> Demand | None:
    """What is to be invested of an asset that is not triggered and not under way, if anything.

    No more than the venue's limit admits now; the rest follows as the limit fills.
    """
    if snapshot.under_way.get(asset):
        return None
    placements: list[WantedPlacement] = []
    for chain_id, each in settings.chains_of(asset):
        if each.invest is None or each.base is None:
            continue
        limit = snapshot.views[chain_id].venue_limits.get(each.invest)
        above = snapshot.idle(asset, chain_id) - each.base
        amount = min(above, 0 if limit is None else limit.available)
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
