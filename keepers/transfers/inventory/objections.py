"""Objections to transfers, with the transfers concerned, so that a plan can avoid them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keepers.model.errors import BallastError


class ObjectionKind(StrEnum):
    """Kind of an objection; stable, whereas texts contain figures that change."""

    UNREADABLE = "UNREADABLE"
    """A chain or a bridge does not respond; its state is unknown."""
    UNAVAILABLE = "UNAVAILABLE"
    """A bridge was asked and declined."""
    QUOTE = "QUOTE"
    """A bridge no longer carries the transfer as planned."""
    PATIENCE = "PATIENCE"
    """A fallback that may not be used yet."""
    SHORT = "SHORT"
    """More would leave than is available."""
    FLOOR = "FLOOR"
    """A chain would end below its minimum balance."""
    LOSS = "LOSS"
    AUTOMATIC_LIMIT = "AUTOMATIC_LIMIT"
    REDUCING_LIMIT = "REDUCING_LIMIT"
    ROUTE_LIMIT = "ROUTE_LIMIT"
    VENUE_LIMIT = "VENUE_LIMIT"
    VENUE = "VENUE"
    KEEPER = "KEEPER"
    """The account is no keeper of a treasury."""
    COINS = "COINS"
    NATIVE_FEE = "NATIVE_FEE"
    PAUSED = "PAUSED"
    SIZE = "SIZE"
    SIMULATION = "SIMULATION"
    UNDER_WAY = "UNDER_WAY"


UNKNOWN = frozenset({ObjectionKind.UNREADABLE, ObjectionKind.PATIENCE})
"""Kinds that are not final: the check is repeated."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One objection: its text for operators, and the transfers that it concerns.

    Attributes:
        source: Chain id of transfers that leave there; None for any.
        destination: Chain id of transfers that arrive there; None for any.
        route: Name of the route; None for any.
        admits: Total that may still leave, in units of the source; None for nothing.
    """

    kind: ObjectionKind
    text: str
    source: int | None = None
    destination: int | None = None
    route: str | None = None
    admits: int | None = None

    @property
    def is_placed(self) -> bool:
        """Whether the objection concerns specific chains."""
        return self.source is not None or self.destination is not None

    def concerns(self, source: int, destination: int, route: str | None = None) -> bool:
        """Return whether it concerns transfers between two chains, by a route or by any."""
        return (
            self.source in {None, source}
            and self.destination in {None, destination}
            and (route is None or self.route in {None, route})
        )

    def closes(self, source: int, destination: int, route: str) -> bool:
        """Return whether it excludes every transfer between two chains by a route."""
        is_about = self.is_placed and self.concerns(source, destination, route)
        return self.admits is None and is_about


class BatchRefusedError(BallastError):
    """A check failed; nothing was stored and nothing was sent."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__("; ".join(each.text for each in objections))
        self.objections = tuple(objections)

    @property
    def kinds(self) -> tuple[ObjectionKind, ...]:
        """Kinds of the objections, each once."""
        return tuple(sorted({each.kind for each in self.objections}))

    @property
    def is_final(self) -> bool:
        """Whether the result is known, so that a retry without a change gives the same."""
        return not UNKNOWN & set(self.kinds)
