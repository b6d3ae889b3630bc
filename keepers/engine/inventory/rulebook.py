"""The rulebook: chains that have fallen to their threshold are brought back to their bases."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from keepers.domain.batch import BatchOrigin
from keepers.domain.demand import Demand, WantedTransfer
from keepers.domain.inventory_plan import InventoryPlan, PlannedTransfer
from keepers.domain.inventory_state import InventorySnapshot, chain_id_of
from keepers.engine.inventory.routing import ways_for
from keepers.engine.inventory.world import InventoryWorld
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.needs import surpluses_of, triggers_of
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.standing import bases_of, request_for, snapshot_key


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, why routes are closed, and what is wanted; None where nothing can be done."""

    plan: InventoryPlan
    closed: tuple[str, ...]
    demand: Demand | None


async def rulebook_demand(
    world: InventoryWorld, snapshot: InventorySnapshot, asset: str
) -> Planned | None:
    """Plan for an asset; None where no chain is triggered.

    Raises:
        InputError: More is about to leave a chain than there is.
    """
    settings, bases = world.settings, bases_of(world.settings, asset)
    seen = request_for(settings, snapshot, asset, bases)
    triggers = triggers_of(seen)
    if not triggers:
        return None
    ways = await ways_for(world, snapshot, triggers, surpluses_of(seen))
    request = request_for(settings, snapshot, asset, bases, ways.routes)
    plan = await asyncio.to_thread(plan_inventory, request)
    if not plan.transfers:
        return Planned(plan, ways.closed, None)
    demand = Demand(
        origin=BatchOrigin.RULEBOOK,
        key=f"rulebook:{snapshot_key(settings, snapshot, asset, tuple(triggers))}",
        detail={
            "plan": explain(request, plan),
            "lower_bound": plan.lower_bound,
            "optimal": plan.optimal,
            "closed": list(ways.closed),
            "need": [f"{asset} {each.chain}" for each in triggers],
        },
        transfers=tuple(wanted(each) for each in plan.transfers),
        floors={(asset, chain_id): base for chain_id, base in bases.items()},
    )
    return Planned(plan, ways.closed, demand)


def wanted(planned: PlannedTransfer) -> WantedTransfer:
    """What a planned transfer asks of the bridge: that so much arrives."""
    return WantedTransfer(
        asset=planned.asset,
        source=chain_id_of(planned.source),
        destination=chain_id_of(planned.destination),
        route=planned.route,
        receive=planned.arrives,
    )
