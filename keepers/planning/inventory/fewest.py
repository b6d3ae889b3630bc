"""Fewest transfers that cover all triggers of a market: choice of method, and lower bound."""

from dataclasses import dataclass, replace
from itertools import groupby

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.greedy import greedy_solution
from keepers.planning.inventory.grouping import grouped
from keepers.planning.inventory.market import AssetMarket, Edge, common_units, simple_bound
from keepers.planning.inventory.mixed import mixed_integer, smallest_names
from keepers.planning.inventory.packing import UndecidedError, packed
from keepers.planning.inventory.search import Search
from keepers.planning.inventory.solution import (
    NOTHING,
    OutOfTimeError,
    PlanningDeadline,
    Solution,
    longest,
)
from keepers.planning.inventory.trees import MOST_NODES, Forest, best_forest

MOST_SEARCHED = 600
"""Maximum number of edges for which the search breaks ties; it would not finish with more."""

GROUPING_SHARE = 0.5
"""Share of the remaining time that grouping may use."""


@dataclass(frozen=True, slots=True)
class Fewest:
    """A solution and a lower bound on the number of transfers."""

    solution: Solution
    lower_bound: int

    @property
    def optimal(self) -> bool:
        """Return whether the solution is proven best, tie-breaking rules included."""
        return self.solution.finished and len(self.solution.edges) == self.lower_bound


def fewest_transfers(market: AssetMarket, deadline: PlanningDeadline) -> Fewest | None:
    """Return the best plan that covers all triggers, or None if there is none.

    Raises:
        OutOfTimeError: The deadline passed before a plan was found or shown impossible.
    """
    if not market.triggers:
        return Fewest(NOTHING, 0)
    search = Search(market, deadline)
    if not search.coverable:
        return None
    solution, impossible = _packed(market, deadline)
    if solution is not None:
        return Fewest(solution, len(solution.edges))
    return _split(market, search, deadline, impossible=impossible)


def _split(
    market: AssetMarket, search: Search, deadline: PlanningDeadline, *, impossible: bool
) -> Fewest | None:
    """Solve with several sources per deficit; `impossible`: one source each is ruled out."""
    if len(market.triggers) + len(market.surpluses) > MOST_NODES:
        return _large(market, search, deadline, impossible=impossible)
    if impossible:
        forest = _forest(market, market.edges, deadline)
        if forest is None:
            return None
        solution = _free_solution(market, forest, deadline)
        if solution is not None:
            return Fewest(solution, len(solution.edges))
        search.start(forest.fallbacks, len(forest.edges))
    solution = search.solve()
    return None if solution is None else Fewest(solution, len(solution.edges))


def _large(
    market: AssetMarket, search: Search, deadline: PlanningDeadline, *, impossible: bool
) -> Fewest | None:
    """Solve with the mixed-integer solver or the greedy rule, then break ties if time is left."""
    least = max(simple_bound(market, range(len(market.triggers))), search.least)
    if impossible and all(not edge.fallback for edge in market.edges):
        least = max(least, len(market.triggers) + 1)
    found = grouped(market, least, deadline.sooner(GROUPING_SHARE))
    if found is None or found.solution is None or len(found.solution.edges) > found.lower_bound:
        least = least if found is None else found.lower_bound
        second = mixed_integer(market, least, deadline)
        found = second if found is None else found.better(second)
    solutions = [each for each in (found.solution, _greedy(market)) if each is not None]
    if not solutions:
        raise OutOfTimeError
    best = min(solutions, key=lambda each: (each.fallbacks, len(each.edges)))
    bound = min(found.lower_bound, len(best.edges))
    if bound == len(best.edges) and best.fallbacks == 0:
        best = _break_ties(search, best)
    return Fewest(best, bound)


def _break_ties(search: Search, known: Solution) -> Solution:
    """Return the best solution with as few edges as a known one, if time allows."""
    named = smallest_names(search.market, known, search.deadline)
    if named is not None:
        return named
    if len(search.market.edges) > MOST_SEARCHED:
        return known
    search.start(known.fallbacks, len(known.edges))
    try:
        return search.solve() or known
    except OutOfTimeError:
        return known


def _greedy(market: AssetMarket) -> Solution | None:
    """Return the greedy rule's solution if it covers everything."""
    solution, covered = greedy_solution(market)
    if len(covered) < len(market.triggers):
        return None
    return replace(solution, finished=False, amounts=None)


def _packed(market: AssetMarket, deadline: PlanningDeadline) -> tuple[Solution | None, bool]:
    """Return the plan with one transfer per trigger, and whether none is proven to exist."""
    try:
        solution = packed(market, deadline)
    except UndecidedError:
        return None, False
    return solution, solution is None


def _free_solution(
    market: AssetMarket, forest: Forest, deadline: PlanningDeadline
) -> Solution | None:
    """Return the forest as a solution if its routes are free and their limits do not bind."""
    if common_units(market) is None or any(edge.fee or edge.numerator for edge in market.edges):
        return None
    edges = _quickest(market, forest, deadline).edges
    steps = Amounts(market, edges, deadline).best()
    return None if steps is None else Solution(edges, tuple(steps))


def _quickest(market: AssetMarket, forest: Forest, deadline: PlanningDeadline) -> Forest:
    """Return the forest with equal fallbacks and edges whose slowest route is fastest."""
    times = sorted({edge.seconds for edge in market.edges if edge.seconds <= longest(forest.edges)})
    low, high = 0, len(times) - 1
    while low < high:
        middle = (low + high) // 2
        quick = [edge for edge in market.edges if edge.seconds <= times[middle]]
        found = _forest(market, quick, deadline)
        if found is not None and _size(found) == _size(forest):
            forest, high = found, middle
        else:
            low = middle + 1
    return forest


def _size(forest: Forest) -> tuple[int, int]:
    return (forest.fallbacks, len(forest.edges))


def _forest(market: AssetMarket, edges: list[Edge], deadline: PlanningDeadline) -> Forest | None:
    """Return the best forest, treating routes as free and unlimited, one per pair of chains."""
    deadline.check()
    units = common_units(market)
    if units is None:
        supplies = [market.supply_in_finest(each) for each in range(len(market.supplies))]
        needs = [market.deficit_in_finest(each) for each in range(len(market.deficits))]
    else:
        supplies, needs = units
    pairs = groupby(edges, key=lambda edge: edge.name[:2])
    single = [min(pair, key=lambda edge: (edge.fallback, edge.name)) for _, pair in pairs]
    return best_forest(supplies, needs, single, deadline)
