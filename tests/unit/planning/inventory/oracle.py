"""Independent implementation of the inventory rule that tries every possible set of routes.

It shares no code and no method with the planner: it uses no dynamic and no linear programming.
Sets of triggers are tried in the order of preference, then sets of routes by size. Whether a set
can carry whole amounts is decided by narrowing ranges of integers and by bisection.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import Any

Place = tuple[str, str, str]
"""Source, destination and route."""

FINEST = 18
"""Decimals in which tokens of different decimals are added."""

MOST_ROUNDS = 200
"""Number of rounds of narrowing before a range that is still wide is bisected."""


def text_of(number: Fraction) -> str:
    """Return a number with finite decimals in full."""
    with localcontext() as context:
        context.prec = 400
        text = f"{Decimal(number.numerator) / Decimal(number.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def ceiling(number: Fraction) -> int:
    return -(-number.numerator // number.denominator)


@dataclass(frozen=True)
class Chain:
    """One asset on one chain, in units of its token."""

    name: str
    base: int
    balance: int
    decimals: int

    @property
    def distance(self) -> int:
        """Units above base; negative if below."""
        return self.balance - self.base

    def tokens(self, units: int) -> Fraction:
        return Fraction(units, 10**self.decimals)

    @property
    def deficit(self) -> Fraction:
        return self.tokens(-self.distance)

    @property
    def surplus(self) -> Fraction:
        return self.tokens(max(0, self.distance))


@dataclass(frozen=True)
class Edge:
    """A route from a chain with surplus to a triggered chain.

    Arrivals are counted in steps of one unit of the coarser of the two tokens.
    """

    source: Chain
    destination: Chain
    route: str
    fee: int = 0
    rate: Fraction = Fraction(0)
    minimum: int = 0
    maximum: int | None = None
    seconds: Fraction = Fraction(0)
    fallback: bool = False
    shared: tuple[tuple[str, int], ...] = ()
    """Limits on the total that leaves the source: names, and units of the source."""

    @property
    def place(self) -> Place:
        return self.source.name, self.destination.name, self.route

    @cached_property
    def step(self) -> int:
        """Units of the destination in a step."""
        return 10 ** max(0, self.destination.decimals - self.source.decimals)

    @cached_property
    def cut(self) -> int:
        """Units of the source in a step."""
        return 10 ** max(0, self.source.decimals - self.destination.decimals)

    @cached_property
    def scale(self) -> int:
        """Units of the finest token in one unit of the source."""
        return 10 ** (FINEST - self.source.decimals)

    def cost(self, amount: int) -> int:
        return self.fee + ceiling(amount * self.rate)

    def steps(self, amount: int) -> int:
        """Return the whole steps that arrive of an amount; not positive if the fee exceeds it."""
        return (amount - self.cost(amount)) // self.cut

    def arrives(self, amount: int) -> int:
        """Return the units of the destination that arrive of an amount."""
        return max(0, self.steps(amount)) * self.step

    def amount(self, steps: int) -> int:
        """Return the smallest allowed amount of which this many steps arrive; 0 for none."""
        if steps <= 0:
            return 0
        return max(self.minimum, ceiling((steps * self.cut + self.fee) / (1 - self.rate)))

    @cached_property
    def largest(self) -> int:
        """Largest amount that the route and the surplus allow."""
        most = min([self.source.distance, *(limit for _, limit in self.shared)])
        return most if self.maximum is None else min(most, self.maximum)

    @cached_property
    def first(self) -> int:
        return max(1, self.steps(max(1, self.minimum)))

    @cached_property
    def last(self) -> int:
        return self.steps(self.largest)

    @property
    def usable(self) -> bool:
        return self.rate < 1 and self.minimum <= self.largest and self.first <= self.last

    def fee_of(self, steps: int) -> int:
        """Return the fee for a number of steps, in the finest token."""
        return self.cost(self.amount(steps)) * self.scale if steps > 0 else 0

    def sent_for(self, steps: int) -> int:
        """Return the amount for a number of steps, in the finest token."""
        return self.amount(steps) * self.scale


Weight = Callable[[Edge, int], int]
Limit = tuple[Weight, int]


class Amounts:
    """Search for whole amounts over a given set of routes."""

    def __init__(self, edges: list[Edge], *, optional: bool = False) -> None:
        self.edges = edges
        self.low = [0 if optional else edge.first for edge in edges]
        self.high = [edge.last for edge in edges]
        self.into: dict[Chain, list[int]] = {}
        self.out_of: dict[Chain, list[int]] = {}
        self.shared: dict[tuple[Chain, str, int], list[int]] = {}
        for index, edge in enumerate(edges):
            self.into.setdefault(edge.destination, []).append(index)
            self.out_of.setdefault(edge.source, []).append(index)
            for name, most in edge.shared:
                self.shared.setdefault((edge.source, name, most), []).append(index)

    def _needs(self, low: list[int]) -> dict[Chain, int]:
        """Return the least that arrives at each destination: whole steps, in its units."""
        needs = dict[Chain, int]()
        for chain, indices in self.into.items():
            step = min(self.edges[index].step for index in indices)
            least = sum(low[index] * self.edges[index].step for index in indices)
            needs[chain] = max(-(chain.distance // step) * step, least)
        return needs

    def _spare(self, low: list[int], needs: dict[Chain, int], limits: list[Limit]) -> int | None:
        """Return what the limits on all amounts leave above the needs, in the finest token."""
        most = [limit for weight, limit in limits if weight is amount_bound]
        if not most:
            return None
        least = sum(need * 10 ** (FINEST - chain.decimals) for chain, need in needs.items())
        fees = sum(edge.fee_of(steps) for edge, steps in zip(self.edges, low, strict=True))
        return min(most) - least - fees

    def _fill(self, low: list[int], high: list[int], limits: list[Limit]) -> bool:
        """Narrow the ranges by what must arrive; return False if it cannot."""
        needs = self._needs(low)
        spare = self._spare(low, needs, limits)
        if spare is not None and spare < 0:
            return False
        for chain, indices in self.into.items():
            steps = {index: self.edges[index].step for index in indices}
            need = -chain.distance
            limit = need + max(steps.values()) - 1
            if spare is not None:
                limit = min(limit, needs[chain] + spare // 10 ** (FINEST - chain.decimals))
            least = sum(low[index] * steps[index] for index in indices)
            most = sum(high[index] * steps[index] for index in indices)
            if most < need or least > limit:
                return False
            for index in indices:
                step = steps[index]
                above = least - low[index] * step
                below = most - high[index] * step
                low[index] = max(low[index], -((below - need) // step))
                high[index] = min(high[index], (limit - above) // step)
                least = above + low[index] * step
                most = below + high[index] * step
        return True

    def _spend(self, low: list[int], high: list[int]) -> bool:
        """Narrow the ranges by what a source may send; return False if it is exceeded."""
        budgets = [(chain.distance, indices) for chain, indices in self.out_of.items()]
        budgets += [(most, indices) for (_, _, most), indices in self.shared.items()]
        for total, indices in budgets:
            sent = {index: self.edges[index].amount(low[index]) for index in indices}
            rest = total - sum(sent.values())
            if rest < 0:
                return False
            for index in indices:
                edge = self.edges[index]
                budget = min(edge.largest, rest + sent[index])
                high[index] = min(high[index], max(low[index], edge.steps(budget)))
        return True

    def _limit(self, low: list[int], high: list[int], limit: Limit) -> bool:
        """Narrow the ranges by a limit on a sum over all routes; return False if exceeded."""
        weight, most = limit
        least = [weight(edge, steps) for edge, steps in zip(self.edges, low, strict=True)]
        rest = most - sum(least)
        if rest < 0:
            return False
        for index, edge in enumerate(self.edges):
            bottom, top = low[index], high[index]
            while bottom < top:
                middle = (bottom + top + 1) // 2
                if weight(edge, middle) <= rest + least[index]:
                    bottom = middle
                else:
                    top = middle - 1
            high[index] = min(high[index], bottom)
        return True

    def _enough(self, low: list[int], high: list[int]) -> bool:
        """Return whether the sources of each group of destinations can supply the whole group."""
        edges = self.edges
        arrive = [
            steps * edge.step * 10 ** (FINEST - edge.destination.decimals)
            for edge, steps in zip(edges, high, strict=True)
        ]
        sent = [edge.sent_for(steps) for edge, steps in zip(edges, low, strict=True)]
        fees = [edge.fee_of(steps) for edge, steps in zip(edges, low, strict=True)]
        chains = list(self.into)
        for size in range(1, len(chains) + 1):
            for group in combinations(chains, size):
                supply = 0
                for source, indices in self.out_of.items():
                    left = source.distance * 10 ** (FINEST - source.decimals)
                    most = 0
                    for index in indices:
                        inside = edges[index].destination in group
                        left -= fees[index] if inside else sent[index]
                        most += arrive[index] if inside else 0
                    supply += min(left, most)
                need = sum(-each.distance * 10 ** (FINEST - each.decimals) for each in group)
                if supply < need:
                    return False
        return True

    def narrow(self, low: list[int], high: list[int], limits: list[Limit]) -> bool:
        """Remove values that no solution has; return False if none is left.

        A round may remove one unit of a range of 10^12, so ranges that are still wide after many
        rounds are left to the bisection of `search`.
        """
        rounds = 0
        while True:
            rounds += 1
            before = (list(low), list(high))
            if not (self._fill(low, high, limits) and self._spend(low, high)):
                return False
            if not all(self._limit(low, high, limit) for limit in limits):
                return False
            if any(bottom > top for bottom, top in zip(low, high, strict=True)):
                return False
            if (low, high) == before or (rounds >= MOST_ROUNDS and low != high):
                return self._enough(low, high)

    def possible(self) -> bool:
        return self.narrow(list(self.low), list(self.high), [])

    def search(
        self, limits: list[Limit], low: list[int] | None = None, high: list[int] | None = None
    ) -> list[int] | None:
        """Return steps for every route that satisfy all limits, or None."""
        low, high = list(low or self.low), list(high or self.high)
        if not self.narrow(low, high, limits):
            return None
        open_ones = [index for index in range(len(low)) if low[index] < high[index]]
        if not open_ones:
            return low
        index = min(open_ones, key=lambda each: high[each] - low[each])
        bottom, top = low[index], high[index]
        middle = (bottom + top) // 2
        parts = [(bottom, bottom), (top, top), (bottom + 1, middle), (middle + 1, top - 1)]
        for first, last in parts:
            if first <= last:
                low[index], high[index] = first, last
                found = self.search(limits, low, high)
                if found is not None:
                    return found
        return None

    def total(self, weight: Weight, steps: list[int]) -> int:
        return sum(weight(edge, each) for edge, each in zip(self.edges, steps, strict=True))

    def least(self, weight: Weight, limits: list[Limit]) -> int | None:
        """Return the smallest sum within the limits, or None if there is no solution."""
        found = self.search(limits)
        if found is None:
            return None
        bottom, best = self.total(weight, self.low), self.total(weight, found)
        while bottom < best:
            middle = (bottom + best) // 2
            found = self.search([*limits, (weight, middle)])
            if found is None:
                bottom = middle + 1
            else:
                best = self.total(weight, found)
        return best

    def largest_first(self, limits: list[Limit]) -> list[int]:
        """Return steps within the limits: the largest first, then the largest second, and so on."""
        low, high = list(self.low), list(self.high)
        assert self.narrow(low, high, limits)
        for index in range(len(low)):
            bottom, top = low[index], high[index]
            trial = top
            while bottom < top:
                raised = [*low[:index], trial, *low[index + 1 :]]
                if self.search(limits, raised, high) is None:
                    top = trial - 1
                else:
                    bottom = trial
                trial = (bottom + top + 1) // 2
            low[index] = high[index] = bottom
        return low


Sending = tuple[Edge, int]
"""A transfer: its route and its amount in units of the source."""


def fee_bound(edge: Edge, steps: int) -> int:
    return edge.fee_of(steps)


def amount_bound(edge: Edge, steps: int) -> int:
    return edge.sent_for(steps)


class Cover:
    """Search for the best way to cover all of some triggers."""

    def __init__(self, triggers: list[Chain], edges: list[Edge]) -> None:
        self.triggers = sorted(triggers, key=lambda chain: (-chain.deficit, chain.name))
        self.edges = sorted(
            (edge for edge in edges if edge.usable and edge.destination in triggers),
            key=lambda edge: edge.place,
        )
        self.checked: dict[frozenset[int], bool] = {}
        self.known: dict[tuple[int, int], list[tuple[int, ...]]] = {}

    def feasible(self) -> bool:
        """Return whether all the triggers can be covered."""
        if {edge.destination for edge in self.edges} != set(self.triggers):
            return False
        every = Amounts(self.edges, optional=True)
        found = every.search([])
        if found is None:
            return False
        used = [edge for edge, steps in zip(self.edges, found, strict=True) if steps]
        return Amounts(used).search([]) is not None or self.best() is not None

    def options(self, index: int, size: int) -> list[tuple[int, ...]]:
        """Return the sets of `size` routes that could cover a trigger by itself."""
        key = (index, size)
        if key not in self.known:
            chain = self.triggers[index]
            into = [i for i, edge in enumerate(self.edges) if edge.destination == chain]
            self.known[key] = [each for each in combinations(into, size) if self.possible(each)]
        return self.known[key]

    @cached_property
    def shortest(self) -> list[int]:
        """Size of the smallest option of each trigger."""
        sizes = range(1, len(self.edges) + 1)
        return [
            next((size for size in sizes if self.options(index, size)), len(self.edges) + 1)
            for index in range(len(self.triggers))
        ]

    def possible(self, chosen: tuple[int, ...]) -> bool:
        key = frozenset(chosen)
        if key not in self.checked:
            self.checked[key] = Amounts([self.edges[i] for i in chosen]).possible()
        return self.checked[key]

    def _fallbacks(self, chosen: tuple[int, ...]) -> int:
        return sum(self.edges[i].fallback for i in chosen)

    def sets(self, fallbacks: int, count: int) -> Iterator[tuple[int, ...]]:
        """Yield sets of `count` routes with `fallbacks` fallbacks that could cover all triggers."""
        after = [sum(self.shortest[index + 1 :]) for index in range(len(self.triggers))]

        def walk(index: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
            if index == len(self.triggers):
                if (self._fallbacks(chosen), len(chosen)) == (fallbacks, count):
                    yield chosen
                return
            for size in range(1, count - len(chosen) - after[index] + 1):
                for option in self.options(index, size):
                    longer = chosen + option
                    if self._fallbacks(longer) <= fallbacks and self.possible(longer):
                        yield from walk(index + 1, longer)

        yield from walk(0, ())

    def best(self) -> list[Sending] | None:
        """Return the transfers of the best plan, sorted by place, or None."""
        if not self.triggers:
            return []
        for fallbacks in range(self._fallbacks(tuple(range(len(self.edges)))) + 1):
            for count in range(len(self.triggers), len(self.edges) + 1):
                found = self._best_of(list(self.sets(fallbacks, count)))
                if found is not None:
                    return found
        return None

    def _best_of(self, sets: list[tuple[int, ...]]) -> list[Sending] | None:
        """Return the best of sets of equal size: least fee, least time, first by name."""
        named = [[self.edges[i] for i in sorted(each)] for each in sets]
        named.sort(key=lambda edges: (max(e.seconds for e in edges), [e.place for e in edges]))
        best: tuple[int, Amounts] | None = None
        for edges in named:
            limits: list[Limit] = [] if best is None else [(fee_bound, best[0] - 1)]
            amounts = Amounts(edges)
            fee = amounts.least(fee_bound, limits)
            if fee is not None:
                best = fee, amounts
            if fee == 0:
                break
        if best is None:
            return None
        fee, amounts = best
        limits = [(fee_bound, fee)]
        total = amounts.least(amount_bound, limits)
        assert total is not None
        steps = amounts.largest_first([*limits, (amount_bound, total)])
        return [(e, e.amount(each)) for e, each in zip(amounts.edges, steps, strict=True)]


def best_cover(triggers: list[Chain], edges: list[Edge]) -> tuple[list[Chain], list[Sending]]:
    """Return the covered triggers and the transfers that cover them."""
    for size in range(len(triggers), 0, -1):
        groups = sorted(
            combinations(sorted(triggers, key=lambda chain: chain.name), size),
            key=lambda group: (
                -sum(chain.deficit for chain in group),
                [chain.name for chain in group],
            ),
        )
        for group in groups:
            cover = Cover(list(group), edges)
            if cover.feasible():
                sendings = cover.best()
                assert sendings is not None
                return list(group), sendings
    return [], []


class Greedy:
    """Greedy method of the rulebook: one trigger after another."""

    def __init__(self, edges: list[Edge]) -> None:
        self.edges = edges
        self.left = {edge.source: edge.source.distance for edge in edges}
        self.limits = {(edge.source, name): most for edge in edges for name, most in edge.shared}

    def run(self, triggers: list[Chain]) -> tuple[list[Chain], list[Sending]]:
        covered, sendings = list[Chain](), list[Sending]()
        for chain in sorted(triggers, key=lambda each: (-each.deficit, each.name)):
            before, limits = dict(self.left), dict(self.limits)
            found = self._cover(chain)
            if found is None:
                self.left, self.limits = before, limits
            else:
                covered.append(chain)
                sendings += found
        return covered, sendings

    def _cover(self, chain: Chain) -> list[Sending] | None:
        rest, sendings = -chain.distance, list[Sending]()
        unused = [edge for edge in self.edges if edge.destination == chain]
        while rest > 0:
            found = self._next(unused, rest)
            if found is None:
                return None
            edge, amount = found
            unused.remove(edge)
            self.left[edge.source] -= amount
            for name, _ in edge.shared:
                self.limits[edge.source, name] -= amount
            rest -= edge.arrives(amount)
            sendings.append(found)
        return sendings

    def _next(self, unused: list[Edge], rest: int) -> Sending | None:
        """Return the next transfer: from the largest surplus with a usable route."""
        sources = sorted(
            {edge.source for edge in unused},
            key=lambda chain: (-chain.tokens(self.left[chain]), chain.name),
        )
        for source in sources:
            able = [
                (edge, amount)
                for edge in unused
                if edge.source == source and (amount := self._amount(edge, rest)) > 0
            ]
            if able:
                return min(able, key=lambda e: (e[0].fallback, e[0].cost(e[1]), e[0].route))
        return None

    def _amount(self, edge: Edge, rest: int) -> int:
        """Return the amount of the route: the rest, or what is possible of it; 0 if unusable."""
        most = min(
            [self.left[edge.source], *(self.limits[edge.source, name] for name, _ in edge.shared)]
        )
        if edge.maximum is not None:
            most = min(most, edge.maximum)
        if edge.rate < 1:
            steps = -(-rest // edge.step)
            most = min(most, ceiling((steps * edge.cut + edge.fee) / (1 - edge.rate)))
        return most if most >= max(1, edge.minimum) and edge.steps(most) > 0 else 0


def largest_needed(chains: list[Chain], covered: list[Chain]) -> int:
    """Return how many of the largest surpluses are needed to sum to the deficits."""
    need, count = sum(chain.deficit for chain in covered), 0
    for surplus in sorted((chain.surplus for chain in chains), reverse=True):
        if need <= 0:
            break
        need, count = need - surplus, count + 1
    return count


class AssetOracle:
    """Expected plan of one asset of a planning file."""

    def __init__(self, document: dict[str, Any], asset: str) -> None:
        self.asset = asset
        self.trigger_share = 1 - Fraction(document["trigger_percentage"])
        self.greedy = document.get("solver", "exact") == "greedy"
        rows: dict[str, Any] = document["assets"][asset]
        self.chains = {name: self._chain(name, rows[name], document) for name in sorted(rows)}
        self.triggers = [
            chain
            for chain in self.chains.values()
            if chain.balance <= chain.base * self.trigger_share
        ]
        limits: list[dict[str, Any]] = document.get("limits") or []
        self.limits = [row for row in limits if row["asset"] == asset]
        self.edges = self._edges(document.get("routes"))

    def _units(self, text: str, decimals: int) -> int:
        units = Fraction(text) * 10**decimals
        assert units.denominator == 1
        return int(units)

    def _chain(self, name: str, row: dict[str, Any], document: dict[str, Any]) -> Chain:
        decimals: int = row["decimals"]
        balance = self._units(row["balance"], decimals)
        flights: list[dict[str, Any]] = document.get("in_flight") or []
        for flight in flights:
            if flight["asset"] == self.asset and flight["source"] == name:
                balance -= 0 if flight["debited"] else self._units(flight["amount"], decimals)
            if flight["asset"] == self.asset and flight["destination"] == name:
                balance += 0 if flight["credited"] else self._units(flight["arriving"], decimals)
        assert balance >= 0
        return Chain(name, self._units(row["base"], decimals), balance, decimals)

    def _edges(self, routes: list[dict[str, Any]] | None) -> list[Edge]:
        sources = [chain for chain in self.chains.values() if chain.distance > 0]
        if routes is None:
            return [
                Edge(source, chain, "ANY", shared=self._shared(source, "ANY"))
                for source in sources
                for chain in self.triggers
            ]
        found = list[Edge]()
        for row in routes:
            if row["asset"] != self.asset:
                continue
            source, destination = self.chains[row["source"]], self.chains[row["destination"]]
            if source not in sources or destination not in self.triggers:
                continue
            decimals, maximum = source.decimals, row.get("maximum")
            edge = Edge(
                source,
                destination,
                row["route"],
                fee=self._units(row.get("fee", "0"), decimals),
                rate=Fraction(row.get("fee_bps", "0")) / 10_000,
                minimum=self._units(row.get("minimum") or "0", decimals),
                maximum=None if maximum is None else self._units(maximum, decimals),
                seconds=Fraction(row.get("seconds", "0")),
                fallback=row.get("fallback", False),
                shared=self._shared(source, row["route"]),
            )
            found.append(edge)
        return found

    def _shared(self, source: Chain, route: str) -> tuple[tuple[str, int], ...]:
        """Return the limits on the total that leaves a chain, by a route or by all routes."""
        return tuple(
            (row.get("route") or "", self._units(row["maximum"], source.decimals))
            for row in self.limits
            if row["source"] == source.name and row.get("route") in (None, route)
        )

    @cached_property
    def plan(self) -> tuple[list[Chain], list[Sending]]:
        if self.greedy:
            return Greedy(self.edges).run(self.triggers)
        return best_cover(self.triggers, self.edges)

    @property
    def greedy_count(self) -> int | None:
        covered, _ = self.plan
        done, sendings = Greedy(self.edges).run(covered)
        return len(sendings) if len(done) == len(covered) else None

    @property
    def lower_bound(self) -> int:
        """Bound of the rule for a greedy plan; number of transfers of an exact plan."""
        covered, sendings = self.plan
        if not self.greedy:
            return len(sendings)
        return max(len(covered), largest_needed(list(self.chains.values()), covered))

    def trigger_rows(self) -> list[dict[str, Any]]:
        return [
            {
                "asset": self.asset,
                "chain": chain.name,
                "balance": text_of(chain.tokens(chain.balance)),
                "threshold": text_of(chain.tokens(chain.base) * self.trigger_share),
                "deficit": text_of(chain.deficit),
            }
            for chain in self.triggers
        ]

    def transfer_rows(self) -> list[dict[str, Any]]:
        rows = [
            {
                "asset": self.asset,
                "source": edge.source.name,
                "destination": edge.destination.name,
                "route": edge.route,
                "amount": text_of(edge.source.tokens(amount)),
                "arrives": text_of(edge.destination.tokens(edge.arrives(amount))),
            }
            for edge, amount in self.plan[1]
        ]
        return sorted(rows, key=lambda row: (row["destination"], row["source"], row["route"]))

    def uncovered_rows(self) -> list[dict[str, Any]]:
        covered = self.plan[0]
        available = sum((chain.surplus for chain in self.chains.values()), Fraction(0))
        available -= sum(chain.deficit for chain in covered)
        return [
            {
                "asset": self.asset,
                "chain": chain.name,
                "deficit": text_of(chain.deficit),
                "available": text_of(available),
                "error": "InsufficientSurplus" if available < chain.deficit else "RouteUnavailable",
            }
            for chain in self.triggers
            if chain not in covered
        ]


class Oracle:
    """Expected answer to one planning file, without its id."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.assets = [AssetOracle(document, asset) for asset in sorted(document["assets"])]

    def answer(self) -> dict[str, Any]:
        transfers = [row for asset in self.assets for row in asset.transfer_rows()]
        counts = [asset.greedy_count for asset in self.assets]
        bound = sum(asset.lower_bound for asset in self.assets)
        return {
            "triggers": [row for asset in self.assets for row in asset.trigger_rows()],
            "transfers": transfers,
            "uncovered": [row for asset in self.assets for row in asset.uncovered_rows()],
            "transfer_count": len(transfers),
            "lower_bound": bound,
            "optimal": len(transfers) == bound,
            "greedy_count": None if None in counts else sum(each or 0 for each in counts),
        }

    def exit_status(self) -> int:
        return 3 if any(asset.uncovered_rows() for asset in self.assets) else 0
