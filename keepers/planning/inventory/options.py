"""Options to supply one trigger: sets of edges with their best possible value."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import lcm

from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.solution import PlanningDeadline, longest


@dataclass(frozen=True, slots=True)
class Option:
    """Edges that together can supply one trigger.

    Attributes:
        fee: Lower bound on their fee, in the finest unit.
        rank: The edges as bits, the first name highest; of two with equally many edges, the larger
            has the smaller list of names.
    """

    edges: tuple[Edge, ...]
    fallbacks: int
    fee: int
    seconds: Fraction
    rank: int

    @property
    def order(self) -> tuple[int, int, int, Fraction, int]:
        """Return the sort key; the best option sorts first."""
        return (self.fallbacks, len(self.edges), self.fee, self.seconds, -self.rank)


def options_into(
    market: AssetMarket, sink: int, sizes: range, bits: dict[Edge, int], deadline: PlanningDeadline
) -> list[Option]:
    """Return all edge sets of these sizes that can supply a trigger in isolation."""
    edges = market.into[sink]
    found: list[Option] = []
    for size in sizes:
        for chosen in combinations(edges, size):
            deadline.check()
            if _suffices(market, sink, chosen):
                found.append(_option(market, sink, chosen, bits))
    return found


def fewest_into(market: AssetMarket, sink: int) -> int | None:
    """Return the fewest edges that can supply a trigger, or None if all do not suffice."""
    reach = sorted((edge.most * edge.step for edge in market.into[sink]), reverse=True)
    missing = market.deficits[sink]
    for number, each in enumerate(reach, start=1):
        missing -= each
        if missing <= 0:
            return number
    return None


def _suffices(market: AssetMarket, sink: int, edges: Sequence[Edge]) -> bool:
    need = market.deficits[sink]
    if sum(edge.most * edge.step for edge in edges) < need:
        return False
    spare = max(edge.step for edge in edges) - 1
    if sum(edge.least * edge.step for edge in edges) > need + spare:
        return False
    spent: dict[int, int] = {}
    for edge in edges:
        for each in edge.draws:
            spent[each] = spent.get(each, 0) + edge.amount(edge.least)
    return all(amount <= market.capacities[each] for each, amount in spent.items())


def _option(
    market: AssetMarket, sink: int, edges: tuple[Edge, ...], bits: dict[Edge, int]
) -> Option:
    return Option(
        edges,
        sum(edge.fallback for edge in edges),
        least_fee(market, sink, edges),
        longest(edges),
        sum(bits[edge] for edge in edges),
    )


def least_fee(market: AssetMarket, sink: int, edges: Sequence[Edge]) -> int:
    """Return the minimum fee of the edges for a trigger; only the total is rounded."""
    if not any(edge.numerator for edge in edges):
        return sum(edge.fee * edge.token for edge in edges)
    scale = lcm(*(edge.denominator - edge.numerator for edge in edges))
    missing, total = market.deficit_in_finest(sink), 0
    room: list[tuple[int, int]] = []
    for edge in edges:
        slope = edge.numerator * (scale // (edge.denominator - edge.numerator))
        net = edge.least * edge.units_per_step
        missing -= net * edge.token
        total += (edge.fee * scale + (net + edge.fee) * slope) * edge.token
        room.append((slope, (edge.most - edge.least) * edge.units_per_step * edge.token))
    for slope, most in sorted(room):
        taken = max(0, min(most, missing))
        missing, total = missing - taken, total + taken * slope
    return -(-total // scale)
