"""Bin packing of deficits into surpluses: one transfer per trigger, the minimum possible.

If deficits are small compared with surpluses, which is usual, this finds the plan for any number of
chains. A first packing is improved by fee, then by time, then by name; each step tests whether
everything still fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.solution import PlanningDeadline, Solution

MOST_TRIALS = 20_000
"""Maximum number of placements tried before a packing is left undecided."""


class UndecidedError(Exception):
    """Raised if too many placements were tried without a result."""


@dataclass(frozen=True, slots=True)
class Placement:
    """A trigger's whole deficit over one edge; `amount` is what leaves the source."""

    edge: Edge
    amount: int
    fee: int

    def fits(self, left: Sequence[int]) -> bool:
        """Return whether the source and its route limits have enough left."""
        return all(self.amount <= left[each] for each in self.edge.draws)

    def take_from(self, left: list[int]) -> None:
        """Subtract the amount from each capacity that the edge draws on."""
        for each in self.edge.draws:
            left[each] -= self.amount

    def give_back(self, left: list[int]) -> None:
        """Undo `take_from`."""
        for each in self.edge.draws:
            left[each] += self.amount


def packed(market: AssetMarket, deadline: PlanningDeadline) -> Solution | None:
    """Return the best plan with one non-fallback transfer per trigger, or None if none exists.

    Raises:
        UndecidedError: Existence of a plan, or the best plan, was not determined.
        OutOfTimeError: The deadline has passed.
    """
    candidates = _candidates(market)
    if not all(candidates):
        return None
    cheapest = [_cheapest(each) for each in candidates]
    if not _packs(market, cheapest, deadline):
        if not _packs(market, candidates, deadline):
            return None
        raise UndecidedError
    chosen = _smallest_names(market, _quickest(market, cheapest, deadline), deadline)
    edges = tuple(sorted((placement.edge for placement in chosen), key=lambda edge: edge.name))
    steps = Amounts(market, edges, deadline).best()
    return None if steps is None else Solution(edges, tuple(steps))


def _candidates(market: AssetMarket) -> list[list[Placement]]:
    """Return for each trigger the non-fallback edges that can carry its whole deficit."""
    candidates: list[list[Placement]] = [[] for _ in market.deficits]
    for edge in market.edges:
        steps = -(-market.deficits[edge.sink] // edge.step)
        if edge.fallback or not edge.least <= steps <= edge.most:
            continue
        amount = edge.amount(steps)
        candidates[edge.sink].append(Placement(edge, amount, edge.charge(amount) * edge.token))
    return candidates


def _cheapest(candidates: Sequence[Placement]) -> list[Placement]:
    least = min(placement.fee for placement in candidates)
    return [placement for placement in candidates if placement.fee == least]


def _quickest(
    market: AssetMarket, candidates: list[list[Placement]], deadline: PlanningDeadline
) -> list[list[Placement]]:
    """Drop routes slower than necessary."""
    times = sorted({placement.edge.seconds for each in candidates for placement in each})
    low, high = 0, len(times) - 1
    while low < high:
        middle = (low + high) // 2
        if _packs(market, _within(candidates, times[middle]), deadline):
            high = middle
        else:
            low = middle + 1
    return _within(candidates, times[low]) if times else candidates


def _within(candidates: list[list[Placement]], seconds: Fraction) -> list[list[Placement]]:
    return [
        [placement for placement in each if placement.edge.seconds <= seconds]
        for each in candidates
    ]


def _smallest_names(
    market: AssetMarket, candidates: list[list[Placement]], deadline: PlanningDeadline
) -> list[Placement]:
    """Return one placement per trigger such that the sorted names are smallest."""
    order = sorted(
        (p for each in candidates for p in each), key=lambda placement: placement.edge.name
    )
    left = list(market.capacities)
    chosen: dict[int, Placement] = {}
    remaining = [list(each) for each in candidates]
    witness = _pack(left, remaining, deadline)
    for placement in order:
        edge = placement.edge
        if edge.sink in chosen:
            continue
        kept = remaining[edge.sink]
        if witness is None or witness[edge.sink] is not placement:
            better = _with(placement, left, remaining, deadline)
            if better is None:
                kept.remove(placement)
                continue
            witness = better
        chosen[edge.sink] = placement
        placement.take_from(left)
        remaining[edge.sink] = []
    return list(chosen.values())


def _with(
    placement: Placement,
    left: list[int],
    remaining: list[list[Placement]],
    deadline: PlanningDeadline,
) -> dict[int, Placement] | None:
    """Return a packing that includes this placement, or None."""
    edge = placement.edge
    if not placement.fits(left):
        return None
    less = list(left)
    placement.take_from(less)
    rest = [[] if sink == edge.sink else each for sink, each in enumerate(remaining)]
    found = _pack(less, rest, deadline)
    return None if found is None else found | {edge.sink: placement}


def _packs(
    market: AssetMarket, candidates: list[list[Placement]], deadline: PlanningDeadline
) -> bool:
    if not all(candidates):
        return False
    return _pack(market.capacities, candidates, deadline) is not None


def _pack(
    left: list[int], candidates: list[list[Placement]], deadline: PlanningDeadline
) -> dict[int, Placement] | None:
    """Return a placement for each trigger with candidates, or None if they do not fit.

    Largest trigger first, tightest source first. Sources with equal remainders after a trigger are
    tried once.
    """
    waiting = [sink for sink, each in enumerate(candidates) if each]
    waiting.sort(key=lambda sink: -max(p.amount * p.edge.token for p in candidates[sink]))
    return _Packer(left, candidates, waiting, deadline).pack()


class _Packer:
    def __init__(
        self,
        left: list[int],
        candidates: list[list[Placement]],
        waiting: list[int],
        deadline: PlanningDeadline,
    ) -> None:
        self.left, self.candidates = list(left), candidates
        self.waiting, self.deadline = waiting, deadline
        self.trials = 0

    def pack(self) -> dict[int, Placement] | None:
        """Search depth-first without recursion, with a list of untried placements per trigger."""
        chosen: list[Placement] = []
        untried: list[list[Placement]] = []
        while True:
            if len(chosen) == len(self.waiting):
                return {placement.edge.sink: placement for placement in chosen}
            if len(untried) == len(chosen):
                untried.append(self._fitting(self.waiting[len(chosen)]))
            if untried[-1]:
                placement = untried[-1].pop()
                placement.take_from(self.left)
                chosen.append(placement)
                continue
            untried.pop()
            if not chosen:
                return None
            placement = chosen.pop()
            placement.give_back(self.left)

    def _fitting(self, sink: int) -> list[Placement]:
        """Return the placements that still fit a trigger, the tightest last."""
        self.trials += 1
        if self.trials > MOST_TRIALS:
            raise UndecidedError
        if self.trials % 64 == 0:
            self.deadline.check()
        fitting = [each for each in self.candidates[sink] if each.fits(self.left)]
        fitting.sort(key=lambda p: -(self.left[p.edge.source] - p.amount) * p.edge.token)
        return fitting
