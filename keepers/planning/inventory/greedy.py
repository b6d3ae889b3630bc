"""The rulebook's greedy matching (section 5): the comparison, and the fallback."""

from dataclasses import dataclass, field

from keepers.planning.inventory.market import Edge, Market
from keepers.planning.inventory.needs import tokens
from keepers.planning.inventory.solution import Solution


@dataclass(slots=True)
class _Matching:
    """What sources have left and what has been chosen."""

    left: list[int]
    chosen: list[tuple[Edge, int]] = field(default_factory=list[tuple[Edge, int]])

    def copy(self) -> "_Matching":
        return _Matching(list(self.left), list(self.chosen))


def greedy_solution(market: Market) -> tuple[Solution, list[int]]:
    """Deficits in descending order, each from the current largest surplus with a route to it.

    Equal ones go by the name of their chain. A trigger that cannot be covered wholly takes nothing.

    Returns:
        The solution, and the triggers that it covers.
    """
    matching, covered = _Matching(list(market.supplies)), list[int]()
    order = sorted(
        range(len(market.triggers)),
        key=lambda sink: (-market.deficit_in_finest(sink), market.triggers[sink].chain),
    )
    for sink in order:
        trial = matching.copy()
        if _cover(market, sink, trial):
            matching = trial
            covered.append(sink)
    pairs = sorted(matching.chosen, key=lambda pair: pair[0].name)
    solution = Solution(tuple(edge for edge, _ in pairs), tuple(steps for _, steps in pairs))
    return solution, sorted(covered)


def _cover(market: Market, sink: int, matching: _Matching) -> bool:
    rest = market.deficits[sink]
    unused = list(market.into[sink])
    while rest > 0:
        taken = _largest(market, unused, rest, matching.left)
        if taken is None:
            return False
        edge, steps = taken
        unused.remove(edge)
        matching.left[edge.source] -= edge.amount(steps)
        matching.chosen.append((edge, steps))
        rest -= steps * edge.step
    return True


def _largest(
    market: Market, edges: list[Edge], rest: int, left: list[int]
) -> tuple[Edge, int] | None:
    """The best route out of the largest surplus that has one, and what arrives over it."""
    usable = [
        (edge, steps)
        for edge in edges
        if (steps := _steps(edge, rest, left[edge.source])) is not None
    ]
    if not usable:
        return None

    def order(each: tuple[Edge, int]) -> tuple[object, ...]:
        edge, steps = each
        surplus = market.surpluses[edge.source]
        fee = edge.charge(edge.amount(steps))
        size = tokens(left[edge.source], surplus.decimals)
        return (-size, surplus.chain, edge.fallback, fee, edge.name)

    return min(usable, key=order)


def _steps(edge: Edge, rest: int, left: int) -> int | None:
    """What arrives at most, without more than the rest needs; None where the route refuses that."""
    steps = min(-(-rest // edge.step), edge.steps(min(left, edge.high)))
    if steps < edge.least or edge.gross(steps) < edge.low or edge.amount(steps) > left:
        return None
    return steps
