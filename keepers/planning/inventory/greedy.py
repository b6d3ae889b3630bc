"""The rulebook's greedy matching (section 5): baseline and fallback."""

from dataclasses import dataclass, field

from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.needs import tokens
from keepers.planning.inventory.solution import Solution


@dataclass(frozen=True, slots=True)
class _Sent:
    """An amount over an edge and the steps that arrive."""

    edge: Edge
    amount: int
    steps: int


@dataclass(slots=True)
class _Matching:
    """Remaining capacities, amounts above base, and the choices so far."""

    left: list[int]
    spare: list[int]
    chosen: list[_Sent] = field(default_factory=list[_Sent])

    def copy(self) -> "_Matching":
        return _Matching(list(self.left), list(self.spare), list(self.chosen))


def greedy_solution(market: AssetMarket) -> tuple[Solution, list[int]]:
    """Cover deficits in descending order, each from the largest surplus with a route to it.

    Ties are broken by chain name. A trigger that cannot be fully covered receives nothing.

    Returns:
        The solution, and the covered triggers.
    """
    spare = [each.amount for each in market.surpluses]
    matching, covered = _Matching(list(market.capacities), spare), list[int]()
    order = sorted(
        range(len(market.triggers)),
        key=lambda sink: (-market.deficit_in_finest(sink), market.triggers[sink].chain),
    )
    for sink in order:
        trial = matching.copy()
        if _cover(market, sink, trial):
            matching = trial
            covered.append(sink)
    sent = sorted(matching.chosen, key=lambda each: each.edge.name)
    solution = Solution(
        tuple(each.edge for each in sent),
        tuple(each.steps for each in sent),
        amounts=tuple(each.amount for each in sent),
    )
    return solution, sorted(covered)


def _cover(market: AssetMarket, sink: int, matching: _Matching) -> bool:
    rest = market.deficits[sink]
    unused = list(market.into[sink])
    while rest > 0:
        sent = _largest(market, unused, rest, matching)
        if sent is None:
            return False
        unused.remove(sent.edge)
        matching.spare[sent.edge.source] -= sent.amount
        for each in sent.edge.draws:
            matching.left[each] -= sent.amount
        matching.chosen.append(sent)
        rest -= sent.steps * sent.edge.step
    return True


def _largest(
    market: AssetMarket, edges: list[Edge], rest: int, matching: _Matching
) -> _Sent | None:
    """Return the best route from the largest surplus that has one, with its amount."""

    def order(each: _Sent) -> tuple[object, ...]:
        edge, surplus = each.edge, market.surpluses[each.edge.source]
        size = tokens(matching.spare[edge.source], surplus.decimals)
        return (-size, surplus.chain, edge.fallback, edge.charge(each.amount), edge.name)

    left = matching.left
    usable = (_send(edge, rest, min(left[each] for each in edge.draws)) for edge in edges)
    return min((sent for sent in usable if sent is not None), key=order, default=None)


def _send(edge: Edge, rest: int, left: int) -> _Sent | None:
    """Return the smallest amount that covers the rest, or all that surplus and route allow.

    None if the route's minimum is higher, or if nothing arrives.
    """
    amount = min(edge.gross(-(-rest // edge.step)), left, edge.high)
    steps = edge.steps(amount)
    return _Sent(edge, amount, steps) if amount >= edge.low and steps > 0 else None
