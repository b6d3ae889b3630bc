"""The rulebook: chains that have fallen to their threshold are brought back to their bases."""

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
    """A plan for an asset, what was asked, and all that stands in the way of some transfers."""

    request: InventoryRequest
    plan: InventoryPlan
    objections: tuple[Objection, ...]


class AssetPlanner:
    """Plans one asset from one snapshot, again whenever a new objection comes up."""

    def __init__(
        self,
        ports: InventoryDependencies,
        snapshot: InventorySnapshot,
        asset: str,
        left_alone: Collection[int] = (),
    ) -> None:
        """`left_alone` are chains that neither give nor get, besides those that are not known."""
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
        """Plan what is triggered; None where nothing is.

        Args:
            found: Objections besides what the snapshot shows.
            anew: Whether bridges are asked once more.
        """
        asked = await self.ask(found, anew=anew)
        if asked is None:
            return None
        request, objections = asked
        plan = await asyncio.to_thread(plan_inventory, request)
        return AssetProposal(request, plan, objections)

    def triggers(self) -> list[BalanceTrigger]:
        """Chains that have fallen to their threshold, of all that are known."""
        seen = request_for(self._ports.settings, self._snapshot, self._asset, self._known)
        return triggers_of(seen)

    @property
    def unplanned(self) -> frozenset[int]:
        """Chains that should have a base, and are not in the plan."""
        return frozenset(bases_of(self._ports.settings, self._asset)) - self._bases.keys()

    async def ask(
        self, found: Sequence[Objection] = (), *, anew: bool = False
    ) -> tuple[InventoryRequest, tuple[Objection, ...]] | None:
        """The planner's question with all constraints, as `plan` puts it."""
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
        """What some of a plan's transfers ask for, under the key of the chains that they serve."""
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
    """What a planned transfer asks of the bridge: that so much arrives."""
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
    """Whether nothing may go by a route because of an objection."""
    ends = chain_id_of(route.source), chain_id_of(route.destination)
    return any(each.closes(*ends, route.route) for each in objections)
