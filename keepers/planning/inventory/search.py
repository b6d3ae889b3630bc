"""Exact search over sets of edges, for markets with any routes.

The number of fallbacks, then of edges, is raised from a lower bound until a solution exists. At
that number the remaining tie-breaking rules decide. Triggers are supplied in order. A branch is
pruned if its choice cannot be completed or cannot beat the best solution so far.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.flow import SharedCapacity, reaches
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.options import Option, fewest_into, options_into
from keepers.planning.inventory.solution import OutOfTimeError, PlanningDeadline, Solution

Worth = tuple[int, Fraction, int]
"""Fee, seconds and negated rank of a set of edges; lower is better."""


@dataclass(frozen=True, slots=True)
class Partial:
    """Choices for the first triggers."""

    edges: tuple[Edge, ...] = ()
    fallbacks: int = 0
    fee: int = 0
    seconds: Fraction = Fraction(0)
    rank: int = 0

    def with_option(self, option: Option) -> "Partial":
        """Return the choices with one more trigger supplied."""
        return Partial(
            self.edges + option.edges,
            self.fallbacks + option.fallbacks,
            self.fee + option.fee,
            max(self.seconds, option.seconds),
            self.rank | option.rank,
        )


@dataclass(frozen=True, slots=True)
class Rest:
    """Bounds on the unsupplied triggers: least cost, best rank."""

    count: int = 0
    fallbacks: int = 0
    fee: int = 0
    seconds: Fraction = Fraction(0)
    rank: int = 0


class Search:
    """Search in one market; all triggers must be covered."""

    def __init__(self, market: AssetMarket, deadline: PlanningDeadline) -> None:
        self.market = market
        self.deadline = deadline
        self.sinks = range(len(market.deficits))
        fewest = [fewest_into(market, sink) for sink in self.sinks]
        self.fewest = [each for each in fewest if each is not None]
        self.supplies = [market.supply_in_finest(s) for s in range(len(market.supplies))]
        self.needs = [market.deficit_in_finest(sink) for sink in self.sinks]
        self.options: list[list[Option]] = []
        self.rest: list[Rest] = []
        self.best: tuple[Worth, Partial] | None = None
        self.steps: list[int] = []
        self.triggers = len(market.deficits)
        self.fallbacks, self.count = 0, self.triggers

    def possible(self, edges: list[Edge]) -> bool:
        """Return whether edges could cover everything, ignoring minimums and rounding."""
        edges = sorted(edges, key=lambda edge: -edge.most * edge.units_per_step * edge.token)
        arcs = [
            (edge.source, edge.sink, edge.most * edge.units_per_step * edge.token) for edge in edges
        ]
        return reaches(self.supplies, self.needs, arcs, list(self._pools(edges)))

    def _pools(self, edges: Sequence[Edge]) -> Iterator[SharedCapacity]:
        """Yield the limits shared by edges, in the finest unit; edges by position."""
        for pool, source in self.market.pools.items():
            inner = [index for index, edge in enumerate(edges) if pool in edge.draws]
            if inner:
                most = self.market.capacities[pool] * edges[inner[0]].token
                yield SharedCapacity(source, most, frozenset(inner))

    @property
    def coverable(self) -> bool:
        """Return whether all triggers could be covered, ignoring minimums and rounding."""
        return len(self.fewest) == self.triggers and self.possible(self.market.edges)

    @property
    def least(self) -> int:
        """Return a lower bound on transfers: the sum of the triggers' minimums."""
        return sum(self.fewest)

    def start(self, fallbacks: int, count: int) -> None:
        """Set proven lower bounds: fallbacks, and edges at that number of fallbacks."""
        self.fallbacks, self.count = fallbacks, max(count, self.count)

    def solve(self) -> Solution | None:
        """Return the best solution of a coverable market, or None if there is none.

        The solution is unfinished if time ran out.

        Raises:
            OutOfTimeError: Existence of a solution was not determined.
        """
        ordinary = [edge for edge in self.market.edges if not edge.fallback]
        most = len(self.market.edges) - len(ordinary)
        if self.fallbacks == 0 and not self.possible(ordinary):
            # The proven bound holds without fallbacks; with one, fewer edges may suffice.
            self.fallbacks, self.count = 1, self.triggers
        first = self.fallbacks
        for fallbacks in range(first, most + 1):
            least = self.count if fallbacks == first else max(self.triggers, fallbacks)
            for count in range(least, len(ordinary) + fallbacks + 1):
                self.fallbacks, self.count = fallbacks, count
                found = self._level()
                if found is not None:
                    return found
        return None

    def _level(self) -> Solution | None:
        """Return the best solution with exactly the current numbers of fallbacks and edges."""
        self.best = None
        extra = self.count - self.least
        finished = True
        try:
            self.options = [
                self._options_into(sink, range(fewest, fewest + extra + 1))
                for sink, fewest in enumerate(self.fewest)
            ]
            if all(self.options):
                self.rest = self._bound_rest()
                self._explore()
        except OutOfTimeError:
            if self.best is None:
                raise
            finished = False
        return None if self.best is None else self._finish(self.best[1], finished=finished)

    def _options_into(self, sink: int, sizes: range) -> list[Option]:
        size = len(self.market.edges)
        bits = {
            edge: 1 << (size - index)
            for index, edge in enumerate(self.market.edges)
            if edge.sink == sink
        }
        found = options_into(self.market, sink, sizes, bits, self.deadline)
        allowed = (option for option in found if option.fallbacks <= self.fallbacks)
        return sorted(allowed, key=lambda option: option.order)

    def _bound_rest(self) -> list["Rest"]:
        """Return for each trigger the bounds over it and all later triggers."""
        bounds = [Rest()]
        for options in reversed(self.options):
            after = bounds[-1]
            bounds.append(
                Rest(
                    after.count + min(len(option.edges) for option in options),
                    after.fallbacks + min(option.fallbacks for option in options),
                    after.fee + min(option.fee for option in options),
                    max(after.seconds, min(option.seconds for option in options)),
                    after.rank | max(option.rank for option in options),
                )
            )
        return bounds[::-1]

    def _explore(self) -> None:
        """Search depth-first, with one iterator over options per trigger being supplied."""
        chosen, open_options = [Partial()], [iter(self.options[0])]
        while open_options:
            option = next(open_options[-1], None)
            if option is None:
                open_options.pop()
                chosen.pop()
                continue
            sink = len(open_options)
            extended = self._extend(sink, chosen[-1], option)
            if extended is None:
                continue
            if sink == len(self.options):
                self._consider(extended)
            else:
                chosen.append(extended)
                open_options.append(iter(self.options[sink]))

    def _extend(self, sink: int, partial: Partial, option: Option) -> Partial | None:
        """Supply one more trigger; return None if nothing better can follow.

        Args:
            sink: Number of triggers supplied afterwards.
            partial: The choice for the earlier triggers.
            option: The choice for the last trigger.
        """
        chosen, rest = partial.with_option(option), self.rest[sink]
        number = len(chosen.edges) + rest.count
        if number > self.count or (sink == len(self.options) and number < self.count):
            return None
        if chosen.fallbacks + rest.fallbacks > self.fallbacks:
            return None
        if not self._promising(sink, chosen) or not self._completable(sink, chosen):
            return None
        return chosen

    def _promising(self, sink: int, chosen: Partial) -> bool:
        """Return whether this could beat the best solution so far."""
        if self.best is None:
            return True
        rest = self.rest[sink]
        bound = (
            chosen.fee + rest.fee,
            max(chosen.seconds, rest.seconds),
            -(chosen.rank | rest.rank),
        )
        return bound < self.best[0]

    def _completable(self, sink: int, chosen: Partial) -> bool:
        """Return whether sources suffice for the choice and, over any edges, for the rest."""
        self.deadline.check()
        if sink == len(self.options):
            return self.possible(list(chosen.edges))
        rest = [edge for edge in self.market.edges if edge.sink >= sink]
        return self.possible([*chosen.edges, *rest])

    def _consider(self, chosen: Partial) -> None:
        """Keep a complete choice if amounts exist for it and it is the best so far."""
        most = None
        if self.best is not None:
            (fee, *others), _ = self.best
            better = (chosen.seconds, -chosen.rank) < tuple(others)
            most = fee if better else fee - 1
        found = Amounts(self.market, chosen.edges, self.deadline).cheapest(most)
        if found is not None:
            fee, steps = found
            self.best = ((fee, chosen.seconds, -chosen.rank), chosen)
            self.steps = steps

    def _finish(self, chosen: Partial, *, finished: bool) -> Solution:
        """Return the best amounts for the chosen edges, or the known ones if time ran out."""
        edges = tuple(sorted(chosen.edges, key=lambda edge: edge.name))
        try:
            best = Amounts(self.market, edges, self.deadline).best()
        except OutOfTimeError:
            return Solution(edges, tuple(self.steps), finished=False)
        return Solution(edges, tuple(best or self.steps), finished=finished)
