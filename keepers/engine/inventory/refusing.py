"""Why a batch is not made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from keepers.domain.errors import BallastError


class ObjectionKind(StrEnum):
    """What stands in the way; texts have figures that change, and kinds do not."""

    UNREADABLE = "UNREADABLE"
    QUOTE = "QUOTE"
    """A bridge does not carry it as planned any more."""
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
    COINS = "COINS"
    NATIVE_FEE = "NATIVE_FEE"
    PAUSED = "PAUSED"
    SIZE = "SIZE"
    SIMULATION = "SIMULATION"
    UNDER_WAY = "UNDER_WAY"


@dataclass(frozen=True, slots=True)
class Objection:
    """One reason, for people."""

    kind: ObjectionKind
    text: str


class BatchRefusedError(BallastError):
    """A check said no; nothing was stored and nothing was sent."""

    def __init__(self, objections: Sequence[Objection]) -> None:
        super().__init__("; ".join(each.text for each in objections))
        self.objections = tuple(objections)

    @property
    def kinds(self) -> tuple[ObjectionKind, ...]:
        """What stands in the way, each once."""
        return tuple(sorted({each.kind for each in self.objections}))
