"""A way of one asset between two chains, as every bridge has it; read from the deployments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from keepers.bridges.chain_reader import ChainReader
from keepers.model.bridges.values import Departure
from keepers.model.errors.transfers import RouteUnavailableError

Chains: TypeAlias = Mapping[int, ChainReader]
"""The chains by their ids."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Where a bridge leaves one chain and comes out on another.

    Attributes:
        source: Chain id, as `destination` is.
        source_route: Our route's contract on the source.
        destination_route: Our route's contract on the destination.
        source_decimals: Of the token there.
    """

    asset: str
    source: int
    destination: int
    source_route: str
    destination_route: str
    source_decimals: int = 6
    destination_decimals: int = 6


L = TypeVar("L", bound=Lane)


class Lanes(Generic[L]):
    """The lanes of one bridge."""

    def __init__(self, route: str, lanes: tuple[L, ...]) -> None:
        self.route = route
        self._lanes = {(each.asset, each.source, each.destination): each for each in lanes}

    @property
    def all(self) -> tuple[L, ...]:
        """Every lane."""
        return tuple(self._lanes.values())

    def find(self, asset: str, source: int, destination: int) -> L:
        """The lane between two chains.

        Raises:
            RouteUnavailableError: There is none.
        """
        lane = self._lanes.get((asset, source, destination))
        if lane is None:
            raise RouteUnavailableError(self.route, asset, source, destination)
        return lane

    def of(self, departure: Departure) -> L:
        """The lane that a transfer has taken."""
        terms = departure.terms
        return self.find(terms.asset, terms.source_chain, terms.destination_chain)


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that a route needs.

    Attributes:
        problem: What is wrong, and what to do about it; empty where nothing is.
        fine: What is said where nothing is wrong.
    """

    problem: str
    fine: str = ""


def problems_of(conditions: Iterable[Condition]) -> str:
    """Join what is wrong into one text; empty where nothing is."""
    return "; ".join(each.problem for each in conditions if each.problem)
