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
    places = _places(market)
    if not all(places):
        return None
    cheapest = [_cheapest(each) for each in places]
    if not _packs(market, cheapest, deadline):
        if not _packs(market, places, deadline):
            return None
        raise UndecidedError
    chosen = _smallest_names(market, _quickest(market, cheapest, deadline), deadline)
    edges = tuple(sorted((place.edge for place in chosen), key=lambda edge: edge.name))
    steps = Amounts(market, edges, deadline).best()
    return None if steps is None else Solution(edges, tuple(steps))


def _places(market: AssetMarket) -> list[list[Placement]]:
    """Return for each trigger the non-fallback edges that can carry its whole deficit."""
    places: list[list[Placement]] = [[] for _ in market.deficits]
    for edge in market.edges:
        steps = -(-market.deficits[edge.sink] // edge.step)
        if edge.fallback or not edge.least <= steps <= edge.most:
            continue
        amount = edge.amount(steps)
        places[edge.sink].append(Placement(edge, amount, edge.charge(amount) * edge.token))
    return places


def _cheapest(places: Sequence[Placement]) -> list[Placement]:
    least = min(place.fee for place in places)
    return [place for place in places if place.fee == least]


def _quickest(
    market: AssetMarket, places: list[list[Placement]], deadline: PlanningDeadline
) -> list[list[Placement]]:
    """Drop routes slower than necessary."""
    times = sorted({place.edge.seconds for each in places for place in each})
    low, high = 0, len(times) - 1
    while low < high:
        middle = (low + high) // 2
        if _packs(market, _within(places, times[middle]), deadline):
            high = middle
        else:
            low = middle + 1
    return _within(places, times[low]) if times else places


def _within(places: list[list[Placement]], seconds: Fraction) -> list[list[Placement]]:
    return [[place for place in each if place.edge.seconds <= seconds] for each in places]


def _smallest_names(
    market: AssetMarket, places: list[list[Placement]], deadline: PlanningDeadline
) -> list[Placement]:
    """Return one placement per trigger such that the sorted names are smallest."""
    order = sorted((p for each in places for p in each), key=lambda place: place.edge.name)
    left = list(market.capacities)
    chosen: dict[int, Placement] = {}
    remaining = [list(each) for each in places]
    witness = _pack(left, remaining, deadline)
    for place in order:
        edge = place.edge
        if edge.sink in chosen:
            continue
        kept = remaining[edge.sink]
        if witness is None or witness[edge.sink] is not place:
            better = _with(place, left, remaining, deadline)
            if better is None:
                kept.remove(place)
                continue
            witness = better
        chosen[edge.sink] = place
        place.take_from(left)
        remaining[edge.sink] = []
    return list(chosen.values())


def _with(
    place: Placement, left: list[int], remaining: list[list[Placement]], deadline: PlanningDeadline
) -> dict[int, Placement] | None:
    """Return a packing that includes this placement, or None."""
    edge = place.edge
    if not place.fits(left):
        return None
    less = list(left)
    place.take_from(less)
    rest = [[] if sink == edge.sink else each for sink, each in enumerate(remaining)]
    found = _pack(less, rest, deadline)
    return None if found is None else found | {edge.sink: place}


def _packs(market: AssetMarket, places: list[list[Placement]], deadline: PlanningDeadline) -> bool:
    if not all(places):
        return False
    return _pack(market.capacities, places, deadline) is not None


def _pack(
    left: list[int], places: list[list[Placement]], deadline: PlanningDeadline
) -> dict[int, Placement] | None:
    """Return a placement for each trigger with candidates, or None if they do not fit.

    Largest trigger first, tightest source first. Sources with equal remainders after a trigger are
    tried once.
    """
    waiting = [sink for sink, each in enumerate(places) if each]
    waiting.sort(key=lambda sink: -max(p.amount * p.edge.token for p in places[sink]))
    return _Packer(left, places, waiting, deadline).pack()


class _Packer:
    def __init__(
        self,
        left: list[int],
        places: list[list[Placement]],
        waiting: list[int],
        deadline: PlanningDeadline,
    ) -> None:
        self.left, self.places = list(left), places
        self.waiting, self.deadline = waiting, deadline
        self.trials = 0

    def pack(self) -> dict[int, Placement] | None:
        """Search depth-first without recursion, with a list of untried placements per trigger."""
        chosen: list[Placement] = []
        untried: list[list[Placement]] = []
        while True:
            if len(chosen) == len(self.waiting):
                return {place.edge.sink: place for place in chosen}
            if len(untried) == len(chosen):
                untried.append(self._fitting(self.waiting[len(chosen)]))
            if untried[-1]:
                place = untried[-1].pop()
                place.take_from(self.left)
                chosen.append(place)
                continue
            untried.pop()
            if not chosen:
                return None
            place = chosen.pop()
            place.give_back(self.left)

    def _fitting(self, sink: int) -> list[Placement]:
        """Return the placements that still fit a trigger, the tightest last."""
        self.trials += 1
        if self.trials > MOST_TRIALS:
            raise UndecidedError
        if self.trials % 64 == 0:
            self.deadline.check()
        fitting = [each for each in self.places[sink] if each.fits(self.left)]
        fitting.sort(key=lambda p: -(self.left[p.edge.source] - p.amount) * p.edge.token)
        return fitting
