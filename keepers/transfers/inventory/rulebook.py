"""The rulebook: chains that fell to their threshold are brought back to their bases."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from keepers.model.batch import BatchOrigin, Demand, WantedTransfer
from keepers.model.inventory import (
    BalanceTrigger,
    InventoryPlan,
    InventoryRequest,
    PlannedTransfer,
    Route,
)
from keepers.model.inventory_state import InventorySnapshot, chain_id_of
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.needs import surpluses_of, triggers_of
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.request import (
    bases_of,
    known_bases,
    request_for,
    snapshot_key,
)
from keepers.transfers.inventory.constraints import constraints_on, limits_of
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.objections import Objection
from keepers.transfers.inventory.patience import Patience
from keepers.transfers.inventory.routes import RouteOffers, offered_routes


@dataclass(frozen=True, slots=True)
class AssetProposal:
    """A plan for an asset, the planner's request, and the objections to transfers."""

    request: InventoryRequest
    plan: InventoryPlan
    objections: tuple[Objection, ...]


class AssetPlanner:
    """Planner of one asset from one snapshot; plans again with each new objection."""

    def __init__(
        self,
        ports: InventoryDependencies,
        snapshot: InventorySnapshot,
        asset: str,
        left_alone: Collection[int] = (),
    ) -> None:
        """Exclude the `left_alone` chains, besides those that are unknown."""
        self._ports = ports
        self._snapshot = snapshot
        self._asset = asset
        self._known = known_bases(ports.settings, snapshot, asset)
        self._bases = {each: base for each, base in self._known.items() if each not in left_alone}
        self._offers: RouteOffers | None = None
        self.patience = Patience.of(ports, snapshot, asset)

    async def plan(
        self, found: Sequence[Objection] = (), *, anew: bool = False
    ) -> AssetProposal | None:
        """Plan the triggered chains; return None if there are none.

        Args:
            found: Objections besides those of the snapshot.
            anew: Whether to ask the bridges again.
        """
        asked = await self.ask(found, anew=anew)
        if asked is None:
            return None
        request, objections = asked
        plan = await asyncio.to_thread(plan_inventory, request)
        return AssetProposal(request, plan, objections)

    def triggers(self) -> list[BalanceTrigger]:
        """Return the known chains that have fallen to their threshold."""
        seen = request_for(self._ports.settings, self._snapshot, self._asset, self._known)
        return triggers_of(seen)

    @property
    def unplanned(self) -> frozenset[int]:
        """Chains that should have a base and are not in the plan."""
        return frozenset(bases_of(self._ports.settings, self._asset)) - self._bases.keys()

    async def ask(
        self, found: Sequence[Objection] = (), *, anew: bool = False
    ) -> tuple[InventoryRequest, tuple[Objection, ...]] | None:
        """Return the planner's request with all constraints; arguments as for `plan`."""
        settings, snapshot = self._ports.settings, self._snapshot
        seen = request_for(settings, snapshot, self._asset, self._bases)
        triggers, surpluses = triggers_of(seen), surpluses_of(seen)
        if not triggers:
            return None
        constraints = constraints_on(settings, snapshot, triggers, surpluses)
        if self._offers is None or anew:
            self._offers = await offered_routes(
                self._ports, snapshot, triggers, surpluses, constraints=constraints
            )
        objections = [*constraints, *self._offers.closed, *found]
        objections += self.patience.objections(self._offers.routes)
        routes = tuple(each for each in self._offers.routes if not is_closed(objections, each))
        limits = limits_of(snapshot, surpluses, objections)
        request = request_for(
            settings, snapshot, self._asset, self._bases, routes=routes, limits=limits
        )
        return request, tuple(objections)

    def demand(self, planned: AssetProposal, transfers: Sequence[PlannedTransfer]) -> Demand:
        """Return the demand of some of a plan's transfers, under the key of the chains served."""
        settings, snapshot, asset = self._ports.settings, self._snapshot, self._asset
        served = _served(planned.plan, transfers)
        return Demand(
            origin=BatchOrigin.RULEBOOK,
            key=f"rulebook:{snapshot_key(settings, snapshot, asset, served)}",
            detail={
                "plan": explain(planned.request, planned.plan),
                "lower_bound": planned.plan.lower_bound,
                "optimal": planned.plan.optimal,
                "closed": [each.text for each in planned.objections],
                "need": [f"{asset} {each.chain}" for each in served],
            },
            transfers=tuple(wanted(each) for each in transfers),
            floors={(asset, chain_id): base for chain_id, base in self._bases.items()},
        )


def wanted(planned: PlannedTransfer) -> WantedTransfer:
    """Return the bridge request of a planned transfer, by the amount that must arrive."""
    return WantedTransfer(
        asset=planned.asset,
        source=chain_id_of(planned.source),
        destination=chain_id_of(planned.destination),
        route=planned.route,
        receive=planned.arrives,
    )


def _served(
    plan: InventoryPlan, transfers: Sequence[PlannedTransfer]
) -> tuple[BalanceTrigger, ...]:
    ends = {each.destination for each in transfers}
    return tuple(each for each in plan.triggers if each.chain in ends)


def is_closed(objections: Sequence[Objection], route: Route) -> bool:
    """Return whether an objection excludes a route."""
    ends = chain_id_of(route.source), chain_id_of(route.destination)
    return any(each.closes(*ends, route.route) for each in objections)
