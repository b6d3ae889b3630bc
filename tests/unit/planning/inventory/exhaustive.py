"""Literal implementation of the inventory rule: every amount of every route, for tiny files.

It checks the oracle, which checks the planner. Nothing is derived: a route carries any amount from
0 to the whole surplus, and every plan that is not allowed is discarded.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from tests.unit.planning.inventory.oracle import AssetOracle, Chain, Edge, Sending

MOST = 20_000
"""Maximum number of combinations of amounts of a file."""


def arrives(edge: Edge, amount: int) -> int:
    """Return the units of the destination that arrive."""
    share = amount * edge.rate
    fee = edge.fee + share.numerator // share.denominator + (share.denominator != 1)
    tokens = Fraction(amount - fee, 10**edge.source.decimals)
    units = tokens * 10**edge.destination.decimals
    return units.numerator // units.denominator


def allowed(edge: Edge) -> list[int]:
    surplus = edge.source.balance - edge.source.base
    most = surplus if edge.maximum is None else edge.maximum
    return [
        amount
        for amount in range(1, surplus + 1)
        if edge.minimum <= amount <= most and arrives(edge, amount) > 0
    ]


class Exhaustive:
    """Exhaustive search for one asset of a small planning file."""

    def __init__(self, asset: AssetOracle) -> None:
        self.triggers = asset.triggers
        self.edges = [edge for edge in asset.edges if allowed(edge)]
        self.amounts = [allowed(edge) for edge in self.edges]

    @property
    def size(self) -> int:
        size = 1
        for each in self.amounts:
            size *= len(each) + 1
        return size

    def plans(
        self, index: int = 0, left: dict[Chain | tuple[Chain, str], int] | None = None
    ) -> Iterator[list[Sending]]:
        """Yield every plan that the sources could send."""
        left = left or {
            **{edge.source: edge.source.balance - edge.source.base for edge in self.edges},
            **{(edge.source, name): most for edge in self.edges for name, most in edge.shared},
        }
        if index == len(self.edges):
            yield []
            return
        edge = self.edges[index]
        yield from self.plans(index + 1, left)
        for amount in self.amounts[index]:
            drawn = [edge.source, *((edge.source, name) for name, _ in edge.shared)]
            if all(amount <= left[each] for each in drawn):
                rest = left | {each: left[each] - amount for each in drawn}
                for plan in self.plans(index + 1, rest):
                    yield [(edge, amount), *plan]

    def covered(self, plan: list[Sending]) -> list[Chain] | None:
        """Return the triggers that a plan covers, or None if it sends anything else."""
        found = list[Chain]()
        for chain in self.triggers:
            into = [each for each in plan if each[0].destination == chain]
            if not into:
                continue
            units = sum(arrives(edge, amount) for edge, amount in into)
            excess = chain.tokens(units) - chain.deficit
            decimals = min(chain.decimals, *(edge.source.decimals for edge, _ in into))
            if not 0 <= excess < Fraction(1, 10**decimals):
                return None
            found.append(chain)
        return found

    @staticmethod
    def rank(covered: list[Chain], plan: list[Sending]) -> tuple[Any, ...]:
        """Return the sort key of a plan; a smaller key is better."""
        plan = sorted(plan, key=lambda each: each[0].place)
        amounts = [edge.source.tokens(amount) for edge, amount in plan]
        fees = [
            edge.source.tokens(edge.fee) + edge.source.tokens(1) * -(-amount * edge.rate // 1)
            for edge, amount in plan
        ]
        return (
            -len(covered),
            -sum(chain.deficit for chain in covered),
            sorted(chain.name for chain in covered),
            sum(edge.fallback for edge, _ in plan),
            len(plan),
            sum(fees),
            max((edge.seconds for edge, _ in plan), default=Fraction(0)),
            [edge.place for edge, _ in plan],
            sum(amounts),
            [-amount for amount in amounts],
        )

    def best(self) -> tuple[list[Chain], list[Sending]]:
        ranked = (
            (self.rank(covered, plan), covered, plan)
            for plan in self.plans()
            if (covered := self.covered(plan)) is not None
        )
        _, covered, plan = min(ranked, key=lambda each: each[0])
        return covered, sorted(plan, key=lambda each: each[0].place)
