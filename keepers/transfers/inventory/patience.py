"""Patience before a fallback: how long no other route has been able to serve a chain.

Fallbacks cost more or add a trusted party. A route that does not respond in one snapshot may work
in the next, so the time since a fallback is needed is kept in the database across restarts. It is
cleared only when a snapshot shows that the chain lacks nothing, or that another route can serve it.
A snapshot without the chain, or without the other routes, shows neither.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keepers.model.inventory import InventoryPlan, PlannedTransfer, Route, UncoveredError
from keepers.model.inventory_state import InventorySettings, InventorySnapshot, chain_id_of
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.objections import Objection, ObjectionKind


@dataclass(frozen=True, slots=True)
class Patience:
    """Fallbacks of one asset that have to wait, at one snapshot.

    Attributes:
        since: When a fallback was first needed, by chain id of the destination.
        preferring: Chains reachable by routes that are no fallbacks.
        instruction_id: Id of the waiting instruction; 0 for the rulebook.
    """

    ports: InventoryDependencies
    asset: str
    now: datetime
    since: Mapping[int, datetime]
    preferring: frozenset[int]
    instruction_id: int = 0

    @classmethod
    def of(
        cls,
        ports: InventoryDependencies,
        snapshot: InventorySnapshot,
        asset: str,
        instruction_id: int = 0,
    ) -> Patience:
        """Load the patience of an asset from the database."""
        transfers = ports.transfers
        since = transfers.fallback_waits(asset, instruction_id)
        preferring = frozenset(_preferring(ports, snapshot, asset))
        return cls(ports, asset, transfers.now(), since, preferring, instruction_id)

    def used_from(self, chain_id: int) -> datetime | None:
        """Return when a fallback to a chain may be used; None if it may be used now.

        If its time already runs, routes of currently unreadable chains still count.
        """
        if chain_id not in self.preferring and chain_id not in self.since:
            return None
        due = self.since.get(chain_id, self.now) + self.ports.settings.fallback_patience
        return due if due > self.now else None

    def objections(self, routes: Iterable[Route]) -> list[Objection]:
        """Return objections to the fallbacks that may not be used yet."""
        found: list[Objection] = []
        for each in routes:
            chain_id = chain_id_of(each.destination)
            due = self.used_from(chain_id) if each.fallback else None
            if due is not None:
                text = (
                    f"{each.route} from {each.source} to {each.destination}: a fallback, used "
                    f"from {due:%Y-%m-%d %H:%M} UTC if no other route becomes available until "
                    "then"
                )
                ends = (chain_id_of(each.source), chain_id, each.route)
                found.append(Objection(ObjectionKind.PATIENCE, text, *ends))
        return found

    def remember(
        self,
        plan: InventoryPlan | None,
        objections: Sequence[Objection],
        unknown: Collection[int] = (),
    ) -> None:
        """Store since when chains need a fallback, and clear those that no longer need one.

        Args:
            plan: The plan; None if nothing is triggered.
            objections: Objections to transfers.
            unknown: Chains that this snapshot does not show.

        Raises:
            StaleLeaseError: Another keeper holds the lease.
        """
        waiting = {each.destination for each in objections if each.kind is ObjectionKind.PATIENCE}
        uncovered = () if plan is None else plan.uncovered
        transfers = () if plan is None else plan.transfers
        needing = {
            chain_id_of(each.chain)
            for each in uncovered
            if each.error is UncoveredError.ROUTE_UNAVAILABLE
        } & waiting
        needing |= {chain_id_of(each.destination) for each in transfers if each.fallback}
        served = {chain_id_of(each.destination) for each in transfers} - needing
        triggers = () if plan is None else plan.triggers
        lacking = {chain_id_of(each.chain) for each in triggers} - served
        self.keep(needing, self.since.keys() - lacking - set(unknown))

    def keep(self, needing: Collection[int], ended: Collection[int] = ()) -> None:
        """Store which chains need a fallback, and clear those that do not; raises as `remember`."""
        begun = (set(needing) & self.preferring) - self.since.keys()
        over = (self.since.keys() & set(ended)) - set(needing)
        if begun or over:
            store = self.ports.transfers
            store.remember_fallback_waits(self.asset, begun, over, self.instruction_id)


def _preferring(ports: InventoryDependencies, snapshot: InventorySnapshot, asset: str) -> set[int]:
    """Return the chains that share a non-fallback route with another chain."""
    routes = {
        chain_id: {
            name
            for each, name in snapshot.views[chain_id].route_limits
            if each == asset and name not in ports.settings.fallbacks
        }
        for chain_id, _ in ports.settings.chains_of(asset)
        if chain_id in snapshot.views
    }
    return {
        here
        for here, names in routes.items()
        if any(names & others for there, others in routes.items() if there != here)
    }


def fallback_lines(
    settings: InventorySettings,
    used: Iterable[Route | PlannedTransfer],
    offered: Iterable[Route],
    objections: Iterable[Objection],
) -> Iterator[str]:
    """Yield one line for each fallback in use.

    Args:
        settings: Lists the fallback routes.
        used: Routes or transfers in use.
        offered: Routes with a quote; those that are no fallback were too small.
        objections: Objections to other routes.
    """
    known, others = tuple(objections), tuple(offered)
    for route in used:
        if route.fallback:
            ends = chain_id_of(route.source), chain_id_of(route.destination)
            reasons = [
                *(
                    each.text
                    for each in known
                    if each.route is not None
                    and each.route not in settings.fallbacks
                    and each.is_placed
                    and each.concerns(*ends)
                ),
                *(
                    f"{each.route} cannot carry this amount at once"
                    for each in others
                    if not each.fallback
                    and (each.source, each.destination) == (route.source, route.destination)
                ),
            ]
            why = "; ".join(reasons) or "no other route leads there"
            yield f"{route.route} from {route.source} to {route.destination} is a fallback: {why}"
