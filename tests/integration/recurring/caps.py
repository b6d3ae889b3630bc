"""Caps of a payer by day and by run, computed from events alone, in exact fractions of wei."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

DAY = 86_400


@dataclass
class Cap:
    """Cap of a spender by run, and by a day's amount that refills linearly.

    Attributes:
        name: Name for messages.
        run: Wei of one run.
        day: Wei of a day.
        broken: Charges above one of the two.
    """

    name: str
    run: int
    day: int
    charged: int = 0
    broken: list[str] = field(default_factory=list[str])
    _used: Fraction = Fraction(0)
    _at: int = 0

    def charge(self, amount: int, time: int) -> None:
        """Record a charge."""
        self._fill(time)
        self._used += amount
        self.charged += amount
        if amount > self.run or self._used > self.day:
            self.broken.append(f"{self.name}: {amount} at {time}, {self._used} of the day used")

    def refund(self, amount: int) -> None:
        """Record a refund, which counts as if it had not been charged."""
        self._used = max(Fraction(0), self._used - amount)

    def _fill(self, time: int) -> None:
        filled = Fraction(self.day * (time - self._at), DAY)
        self._used, self._at = max(Fraction(0), self._used - filled), time
