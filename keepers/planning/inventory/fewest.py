"""The fewest transfers that cover all triggers of a market: which method, with what bound."""

from dataclasses import dataclass
from itertools import groupby

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.deadline import Deadline
from keepers.planning.inventory.market import Edge, Market
from keepers.planning.inventory.packing import packs_whole
from keepers.planning.inventory.search import Search
from keepers.planning.inventory.solution import NOTHING, Solution, longest
from keepers.planning.inventory.trees import MOST_NODES, Forest, best_forest
from keepers.planning.inventory.units import common_units


@dataclass(frozen=True, slots=True)
class Fewest:
    """A solution, and the number of transfers below which there is none."""

    solution: Solution
    lower_bound: int

    @property
    def optimal(self) -> bool:
        """Whether nothing better exists, to the last rule for ties."""
        return self.solution.finished and len(self.solution.edges) == self.lower_bound


def fewest_transfers(market: Market, deadline: Deadline) -> Fewest | None:
    """The best plan that covers all triggers; None where there is none.

    Raises:
        OutOfTimeError: The deadline passed before a plan was found, or it was certain that there
            is none.
    """
    if not market.triggers:
        return Fewest(NOTHING, 0)
    search = Search(market, deadline)
    if not search.coverable:
        return None
    if not packs_whole(market) and len(market.triggers) + len(market.surpluses) <= MOST_NODES:
        forest = _forest(market, market.edges, deadline)
        if forest is None:
            return None
        solution = _free_solution(market, forest, deadline)
        if solution is not None:
            return Fewest(solution, len(solution.edges))
        search.start(forest.fallbacks, len(forest.edges))
    solution = search.solve()
    return None if solution is None else Fewest(solution, len(solution.edges))


def _free_solution(market: Market, forest: Forest, deadline: Deadline) -> Solution | None:
    """The forest as a solution if its routes charge nothing and their limits do not matter."""
    if common_units(market) is None or any(edge.fee or edge.numerator for edge in market.edges):
        return None
    edges = _quickest(market, forest, deadline).edges
    steps = Amounts(market, edges, deadline).best()
    return None if steps is None else Solution(edges, tuple(steps))


def _quickest(market: Market, forest: Forest, deadline: Deadline) -> Forest:
    """The forest with as few fallbacks and edges whose slowest route takes the least time."""
    times = sorted({edge.seconds for edge in market.edges if edge.seconds <= longest(forest.edges)})
    low, high = 0, len(times) - 1
    while low < high:
        middle = (low + high) // 2
        quick = [edge for edge in market.edges if edge.seconds <= times[middle]]
        found = _forest(market, quick, deadline)
        same = found is not None and _size(found) == _size(forest)
        if found is not None and same:
            forest, high = found, middle
        else:
            low = middle + 1
    return forest


def _size(forest: Forest) -> tuple[int, int]:
    return (forest.fallbacks, len(forest.edges))


def _forest(market: Market, edges: list[Edge], deadline: Deadline) -> Forest | None:
    """The best forest of routes taken as free and unlimited, one for each pair of chains."""
    units = common_units(market)
    if units is None:
        supplies = [market.supply_in_finest(each) for each in range(len(market.supplies))]
        needs = [market.deficit_in_finest(each) for each in range(len(market.deficits))]
    else:
        supplies, needs = units
    pairs = groupby(edges, key=lambda edge: edge.name[:2])
    single = [min(pair, key=lambda edge: (edge.fallback, edge.name)) for _, pair in pairs]
    return best_forest(supplies, needs, single, deadline)
