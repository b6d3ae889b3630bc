"""The arithmetic of routes: what an amount costs, and what of it arrives.

An edge is a route from a source to a triggered chain, with everything in integers. What arrives is
counted in steps, the finest quantity that both tokens can express: a step is one unit of the
destination, or as many as a unit of a coarser source is worth.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.inventory import BalanceTrigger, Route, SharedLimit, Surplus
from keepers.model.money import WHOLE_BPS

ANY_ROUTE = "ANY"
"""The name of the free and unlimited route where no routes are given."""


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Edge:
    """One route between a source and a triggered chain, of which something can arrive.

    Attributes:
        source, sink: Positions in the lists of surpluses and triggers.
        name: Source, destination and route: what ties are broken by, and unique.
        fee: In units of the source, as `low` and `high` are.
        numerator, denominator: The part of the amount that is charged besides, rounded up.
        low, high: Least and greatest amount that can be sent.
        units_per_step: Units of the source in a step.
        step: Units of the destination in a step.
        least, most: Steps that can arrive.
        token: Finest units of all tokens involved in a unit of the source.
        draws: Positions in `capacities` of all that an amount over it is taken from.
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
        """Steps that arrive of an amount, rounded down; none where the fee takes it all."""
        return max(0, (amount - self.charge(amount)) // self.units_per_step)

    def amount(self, steps: int) -> int:
        """The smallest amount of which so many steps arrive, within the route's limits."""
        return max(self.gross(steps), self.low)

    def gross(self, steps: int) -> int:
        """The smallest amount of which so many steps arrive, whatever the route's minimum."""
        net = steps * self.units_per_step + self.fee
        return -(-net * self.denominator // (self.denominator - self.numerator))


Totals = Mapping[tuple[str, str | None], int]
"""Limits on what leaves a chain, by chain and route; the route None for all together."""


class AssetMarket:
    """Triggers, surpluses and the edges between them, for one asset.

    Attributes:
        deficits: Of the triggers, in units of their own.
        supplies: What sources can give in total, in units of their own: surpluses, or less where
            a limit on what leaves is lower.
        capacities: The supplies, then the limits of routes that several edges share, in units of
            their source.
        pools: By position in `capacities` beyond the supplies, the source of a route's limit.
        finest: Decimals of the finest token involved.
        edges: In the order of their names, as are `into` (by trigger) and `drawing` (by capacity).
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
        """The same market with some of the triggers only."""
        if len(kept) == len(self.triggers):
            return self
        triggers = [self.triggers[index] for index in kept]
        return AssetMarket(triggers, self.surpluses, self.routes, self.limits)

    def deficit_in_finest(self, sink: int) -> int:
        """A deficit in units of the finest token."""
        trigger = self.triggers[sink]
        return trigger.deficit * 10 ** (self.finest - trigger.decimals)

    def supply_in_finest(self, source: int) -> int:
        """Return the supply of a source, in units of the finest token."""
        return self.supplies[source] * 10 ** (self.finest - self.surpluses[source].decimals)

    def _pooled(self, edges: list[Edge]) -> list[Edge]:
        """The edges with the limits of routes that several of them share and that can matter.

        A limit on all that leaves a source is its supply; one that cannot be reached is none.
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
        """In the order of their names."""
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
        """Return the edge; None where what can be sent brings nothing, or more than is needed."""
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
        """Basis points as a fraction of the whole, looked up since most routes share a few."""
        found = self._rates.get(fee_bps)
        if found is None:
            rate = fee_bps / WHOLE_BPS
            found = self._rates[fee_bps] = (rate.numerator, rate.denominator)
        return found


def _charge(amount: int, fee: int, numerator: int, denominator: int) -> int:
    """A fee and a part of the amount, rounded up."""
    return fee - (-amount * numerator // denominator)


def simple_bound(market: AssetMarket, covered: Iterable[int]) -> int:
    """The covered triggers, or the least number of largest surpluses that sum to their deficits."""
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
    """Supplies and needs in steps of the coarsest token; None where steps differ among edges.

    Where all sources are equally coarse, needs are rounded up, as what arrives is; where all
    triggers are, supplies are rounded down, as what can arrive is. Otherwise all have to be whole.
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
