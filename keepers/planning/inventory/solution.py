"""Solutions of a market as edges and amounts, and the planning deadline."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic

from keepers.model.inventory import PlannedTransfer
from keepers.planning.inventory.market import AssetMarket, Edge


@dataclass(frozen=True, slots=True)
class Solution:
    """A cover of all triggers of a market: edges and the steps that arrive over each."""

    edges: tuple[Edge, ...]
    steps: tuple[int, ...]
    finished: bool = True
    """Whether all ties were broken."""
    amounts: tuple[int, ...] | None = None
    """Amount sent over each edge, if not the smallest amount for its steps."""

    @property
    def fallbacks(self) -> int:
        """Return the number of fallback routes."""
        return sum(edge.fallback for edge in self.edges)


NOTHING = Solution((), ())


def longest(edges: Sequence[Edge]) -> Fraction:
    """Return the longest duration of the routes."""
    return max((edge.seconds for edge in edges), default=Fraction(0))


def transfers_of(market: AssetMarket, solution: Solution) -> list[PlannedTransfer]:
    """Return a solution as transfers, sorted by destination, source and route."""
    smallest = (edge.amount(n) for edge, n in zip(solution.edges, solution.steps, strict=True))
    amounts = smallest if solution.amounts is None else solution.amounts
    found = [
        _transfer(market, edge, amount)
        for edge, amount in zip(solution.edges, amounts, strict=True)
    ]
    return sorted(found, key=lambda each: (each.destination, each.source, each.route))


def _transfer(market: AssetMarket, edge: Edge, amount: int) -> PlannedTransfer:
    source, destination, route = edge.name
    trigger = market.triggers[edge.sink]
    return PlannedTransfer(
        asset=trigger.asset,
        source=source,
        destination=destination,
        route=route,
        amount=amount,
        arrives=edge.steps(amount) * edge.step,
        fee=edge.charge(amount),
        seconds=edge.seconds,
        fallback=edge.fallback,
        source_decimals=market.surpluses[edge.source].decimals,
        destination_decimals=trigger.decimals,
    )


class OutOfTimeError(Exception):
    """The deadline has passed; earlier findings remain valid."""


@dataclass(frozen=True, slots=True)
class PlanningDeadline:
    """A point in time of a clock, in seconds."""

    at: float
    clock: Callable[[], float]

    @classmethod
    def after(cls, seconds: Fraction, clock: Callable[[], float] = monotonic) -> "PlanningDeadline":
        """Return the deadline the given number of seconds from now."""
        return cls(clock() + float(seconds), clock)

    @property
    def left(self) -> float:
        """Return the seconds left; negative after the deadline."""
        return self.at - self.clock()

    def sooner(self, share: float) -> "PlanningDeadline":
        """Return a deadline after the given share of the remaining time."""
        now = self.clock()
        return PlanningDeadline(now + share * (self.at - now), self.clock)

    def check(self) -> None:
        """Check the deadline.

        Raises:
            OutOfTimeError: The deadline has passed.
        """
        if self.left <= 0:
            raise OutOfTimeError
