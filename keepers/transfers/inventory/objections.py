"""Objections to transfers, with the transfers concerned, so that a plan can avoid them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keepers.model.errors import BallastError


class ObjectionKind(StrEnum):
    """Kind of an objection; texts have figures that change, and kinds do not."""

    UNREADABLE = "UNREADABLE"
    """A chain or a bridge does not answer: nothing is known."""
    UNAVAILABLE = "UNAVAILABLE"
    """A bridge was asked and declines."""
    QUOTE = "QUOTE"
    """A bridge does not carry it as planned any more."""
    PATIENCE = "PATIENCE"
    """A fallback that is not used yet."""
    SHORT = "SHORT"
    """More would leave than is there."""
    FLOOR = "FLOOR"
    """A chain would end below what must be left there."""
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
"""Kinds that are not final: the question is asked again."""


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason, for people, and the transfers that it is about, for the plan.

    Attributes:
        source: Chain id of transfers that leave there; None for any.
        destination: Chain id of transfers that arrive there; None for any.
        route: Name of the route; None for any.
        admits: What may leave all the same in total, in units of the source; None for nothing.
    """

    kind: ObjectionKind
    text: str
    source: int | None = None
    destination: int | None = None
    route: str | None = None
    admits: int | None = None

    @property
    def is_placed(self) -> bool:
        """Whether it is about some transfers and not about all."""
        return self.source is not None or self.destination is not None

    def concerns(self, source: int, destination: int, route: str | None = None) -> bool:
        """Whether it is about transfers between two chains, by a route or by any."""
        return (
            self.source in {None, source}
            and self.destination in {None, destination}
            and (route is None or self.route in {None, route})
        )

    def closes(self, source: int, destination: int, route: str) -> bool:
        """Whether nothing may go that way because of it."""
        is_about = self.is_placed and self.concerns(source, destination, route)
        return self.admits is None and is_about


class BatchRefusedError(BallastError):
    """A check said no; nothing was stored and nothing was sent."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__("; ".join(each.text for each in objections))
        self.objections = tuple(objections)

    @property
    def kinds(self) -> tuple[ObjectionKind, ...]:
        """Kinds of the objections, each once."""
        return tuple(sorted({each.kind for each in self.objections}))

    @property
    def is_final(self) -> bool:
        """Whether the answer is known, and asking again without a change brings the same."""
        return not UNKNOWN & set(self.kinds)
