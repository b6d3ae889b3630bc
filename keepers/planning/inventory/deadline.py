"""The time that a plan may take."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from time import monotonic


class OutOfTimeError(Exception):
    """The deadline has passed; what was found so far still counts."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a clock, in seconds."""

    at: float
    clock: Callable[[], float]

    @classmethod
    def after(cls, seconds: Fraction, clock: Callable[[], float] = monotonic) -> "Deadline":
        """So many seconds from now."""
        return cls(clock() + float(seconds), clock)

    @property
    def left(self) -> float:
        """Seconds left, below 0 when it has passed."""
        return self.at - self.clock()

    def sooner(self, share: float) -> "Deadline":
        """A deadline when this part of the time that is left has passed."""
        now = self.clock()
        return Deadline(now + share * (self.at - now), self.clock)

    def check(self) -> None:
        """Go on, or not.

        Raises:
            OutOfTimeError: It has passed.
        """
        if self.left <= 0:
            raise OutOfTimeError
