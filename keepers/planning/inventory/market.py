"""Route arithmetic: fees of amounts and what arrives.

An edge is a route from a source to a triggered chain, in integers only. Arrivals are counted in
steps, the finest quantity that both tokens can express: one unit of the destination token, or the
number of units that one unit of a coarser source token is worth.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.inventory import BalanceTrigger, Route, SharedLimit, Surplus
from keepers.model.money import WHOLE_BPS

ANY_ROUTE = "ANY"
"""Name of the free, unlimited route used if no routes are given."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Edge:
    """A route between a source and a triggered chain over which something can arrive.

    Attributes:
        source, sink: Positions in the lists of surpluses and triggers.
        name: Source, destination and route; unique, used to break ties.
        fee: Fixed fee in units of the source token, like `low` and `high`.
        numerator, denominator: Additional proportional fee, rounded up.
        low, high: Minimum and maximum amount that can be sent.
        units_per_step: Units of the source token per step.
        step: Units of the destination token per step.
        least, most: Minimum and maximum steps that can arrive.
        token: Finest units of all tokens involved per unit of the source token.
        draws: Positions in `capacities` that an amount over the edge is taken from.
    """

    source: int
    sink: int
    name: tuple[str, str, str]
    fallback: bool
    seconds: Fraction
    fee: int
    numerator: int
    denominator: int
    low: int
    high: int
    units_per_step: int
    step: int
    least: int
    most: int
    token: int
    draws: tuple[int, ...]

    def charge(self, amount: int) -> int:
        """Return the fee on an amount, rounded up."""
        return _charge(amount, self.fee, self.numerator, self.denominator)

    def steps(self, amount: int) -> int:
        """Return the steps that arrive of an amount, rounded down; 0 if the fee takes it all."""
        return max(0, (amount - self.charge(amount)) // self.units_per_step)

    def amount(self, steps: int) -> int:
        """Return the smallest amount of which these steps arrive, at least the route's minimum."""
        return max(self.gross(steps), self.low)

    def gross(self, steps: int) -> int:
        """Return the smallest amount of which these steps arrive, ignoring the route's minimum."""
        net = steps * self.units_per_step + self.fee
        return -(-net * self.denominator // (self.denominator - self.numerator))


Totals = Mapping[tuple[str, str | None], int]
"""Limits on what leaves a chain, by chain and route; route None limits all routes together."""


class AssetMarket:
    """Triggers, surpluses and the edges between them, for one asset.

    Attributes:
        deficits: Deficits of the triggers, in units of each trigger's token.
        supplies: What each source can give in total, in units of its token: the surplus, or a lower
            limit on what leaves.
        capacities: The supplies, then the route limits that several edges share, in units of the
            source token.
        pools: Source of each shared route limit, by position in `capacities`.
        finest: Decimals of the finest token involved.
        edges: Sorted by name, like `into` (by trigger) and `drawing` (by capacity).
    """

    def __init__(
        self,
        triggers: Sequence[BalanceTrigger],
        surpluses: Sequence[Surplus],
        routes: Sequence[Route] | None,
        limits: Sequence[SharedLimit] = (),
    ) -> None:
        self.triggers = tuple(triggers)
        self.surpluses = tuple(surpluses)
        self.routes = routes
        self.limits = limits
        self._totals: Totals = {(each.source, each.route): each.maximum for each in limits}
        self.deficits = [each.deficit for each in triggers]
        self.supplies = [
            min(each.amount, self._totals.get((each.chain, None), each.amount))
            for each in surpluses
        ]
        self.finest = max((each.decimals for each in (*triggers, *surpluses)), default=0)
        self._rates: dict[Fraction, tuple[int, int]] = {}
        self.pools: dict[int, int] = {}
        edges = self._edges()
        self.capacities = self.supplies
        self.edges = self._pooled(edges) if limits else edges
        self.into: list[list[Edge]] = [[] for _ in self.deficits]
        self.drawing: list[list[Edge]] = [[] for _ in self.capacities]
        for edge in self.edges:
            self.into[edge.sink].append(edge)
            for capacity in edge.draws:
                self.drawing[capacity].append(edge)

    def for_triggers(self, kept: Sequence[int]) -> "AssetMarket":
        """Return the same market restricted to some of the triggers."""
        if len(kept) == len(self.triggers):
            return self
        triggers = [self.triggers[index] for index in kept]
        return AssetMarket(triggers, self.surpluses, self.routes, self.limits)

    def deficit_in_finest(self, sink: int) -> int:
        """Return a deficit in units of the finest token."""
        trigger = self.triggers[sink]
        return trigger.deficit * 10 ** (self.finest - trigger.decimals)

    def supply_in_finest(self, source: int) -> int:
        """Return the supply of a source in units of the finest token."""
        return self.supplies[source] * 10 ** (self.finest - self.surpluses[source].decimals)

    def _pooled(self, edges: list[Edge]) -> list[Edge]:
        """Return the edges with the binding route limits that several of them share.

        A limit on all that leaves a source is already its supply; an unreachable limit is dropped.
        """
        shared: defaultdict[tuple[int, str], list[Edge]] = defaultdict(list)
        for edge in edges:
            shared[edge.source, edge.name[2]].append(edge)
        names = Counter(source for source, _ in shared)
        self.capacities = list(self.supplies)
        draws: dict[Edge, tuple[int, ...]] = {}
        for (source, name), sharing in shared.items():
            most = self._totals.get((self.surpluses[source].chain, name))
            if most is None or most >= min(self.supplies[source], sum(e.high for e in sharing)):
                continue
            if names[source] == 1:
                self.supplies[source] = self.capacities[source] = most
                continue
            self.pools[len(self.capacities)] = source
            draws |= dict.fromkeys(sharing, (source, len(self.capacities)))
            self.capacities.append(most)
        return [replace(each, draws=draws.get(each, each.draws)) for each in edges]

    def _edges(self) -> list[Edge]:
        """Return the edges sorted by name."""
        sources = {each.chain: index for index, each in enumerate(self.surpluses)}
        sinks = {each.chain: index for index, each in enumerate(self.triggers)}
        routes = self._free_routes() if self.routes is None else self.routes
        edges = [
            self._edge(route, sources[route.source], sinks[route.destination])
            for route in routes
            if route.source in sources and route.destination in sinks
        ]
        return sorted((edge for edge in edges if edge is not None), key=lambda edge: edge.name)

    def _free_routes(self) -> list[Route]:
        return [
            Route(
                asset=trigger.asset,
                source=surplus.chain,
                destination=trigger.chain,
                route=ANY_ROUTE,
            )
            for trigger in self.triggers
            for surplus in self.surpluses
        ]

    def _edge(self, route: Route, source: int, sink: int) -> Edge | None:
        """Return the edge, or None if nothing can arrive or the minimum exceeds the need."""
        numerator, denominator = self._rate(route.fee_bps)
        surplus, trigger = self.surpluses[source], self.triggers[sink]
        gap = surplus.decimals - trigger.decimals
        units, step = 10 ** max(0, gap), 10 ** max(0, -gap)
        low = route.minimum or 1
        bounds = (route.maximum, self._totals.get((route.source, route.route)))
        high = min([self.supplies[source], *(each for each in bounds if each is not None)])
        fee = route.fee
        least = max(1, (low - _charge(low, fee, numerator, denominator)) // units)
        reach = (high - _charge(high, fee, numerator, denominator)) // units
        most = min(reach, -(-trigger.deficit // step))
        if high < low or least > most:
            return None
        return Edge(
            source=source,
            sink=sink,
            name=(route.source, route.destination, route.route),
            fallback=route.fallback,
            seconds=route.seconds,
            fee=fee,
            numerator=numerator,
            denominator=denominator,
            low=low,
            high=high,
            units_per_step=units,
            step=step,
            least=least,
            most=most,
            token=10 ** (self.finest - surplus.decimals),
            draws=(source,),
        )

    def _rate(self, fee_bps: Fraction) -> tuple[int, int]:
        """Return basis points as a fraction of the whole, cached since most routes share a few."""
        found = self._rates.get(fee_bps)
        if found is None:
            rate = fee_bps / WHOLE_BPS
            found = self._rates[fee_bps] = (rate.numerator, rate.denominator)
        return found


def _charge(amount: int, fee: int, numerator: int, denominator: int) -> int:
    """Return a fixed fee plus a proportional fee, rounded up."""
    return fee - (-amount * numerator // denominator)


def simple_bound(market: AssetMarket, covered: Iterable[int]) -> int:
    """Return a lower bound: covered triggers, or fewest largest surpluses that cover deficits."""
    sinks = list(covered)
    missing = sum(market.deficit_in_finest(sink) for sink in sinks)
    supplies = (each.amount * 10 ** (market.finest - each.decimals) for each in market.surpluses)
    sources = 0
    for amount in sorted(supplies, reverse=True):
        if missing <= 0:
            break
        missing, sources = missing - amount, sources + 1
    return max(len(sinks), sources)


def common_units(market: AssetMarket) -> tuple[list[int], list[int]] | None:
    """Return supplies and needs in steps of the coarsest token, or None if steps differ by edge.

    If all sources are equally coarse, needs are rounded up, as arrivals are. If all triggers are
    equally coarse, supplies are rounded down, as arrivals are. Otherwise all must be whole.
    """
    sources = {each.decimals for each in market.surpluses}
    sinks = {each.decimals for each in market.triggers}
    coarsest = min(sources | sinks)
    supplies = [
        _whole(supply, each.decimals - coarsest)
        for supply, each in zip(market.supplies, market.surpluses, strict=True)
    ]
    needs = [_whole(each.deficit, each.decimals - coarsest) for each in market.triggers]
    exact = all(rest == 0 for _, rest in (*supplies, *needs))
    if not exact and sources != {coarsest} and sinks != {coarsest}:
        return None
    return [whole for whole, _ in supplies], [whole + (rest > 0) for whole, rest in needs]


def _whole(units: int, decimals: int) -> tuple[int, int]:
    return divmod(units, 10**decimals)
