"""Limits on what a keeper may move and all together may lose; they fill with time.

Amounts are base units of the settlement token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit: `cap` at once, `available` now, filled from empty in `period_seconds`."""

    cap: int
    available: int
    period_seconds: int

    @property
    def is_set(self) -> bool:
        """Return whether anything may ever pass."""
        return self.cap > 0

    def wait_for(self, amount: int) -> timedelta | None:
        """Return the time until an amount is available; None if it never will be."""
        if amount <= self.available:
            return timedelta(0)
        if amount > self.cap:
            return None
        missing = amount - self.available
        return timedelta(seconds=-(-missing * self.period_seconds // self.cap))


@dataclass(frozen=True, slots=True)
class KeeperLimits:
    """Limits on what one keeper may put at risk without a plan, and take out of risk.

    Attributes:
        removed: Whether the kill switch has removed it; then it may nothing, whatever its limits.
        reducing_loss: What it may lose by taking out of risk; None where it was not read.
    """

    keeper: str
    automatic: Limit
    reducing: Limit
    removed: bool = False
    reducing_loss: Limit | None = None

    @property
    def allowed(self) -> bool:
        """Return whether the account is a keeper at all."""
        return self.automatic.is_set and self.reducing.is_set and not self.removed


@dataclass(frozen=True, slots=True)
class LossBudgets:
    """Value that actions may lose.

    Attributes:
        adding: Of all that adds risk, together.
        reducing: Of what reduces risk without a plan; a keeper's own.
        approved: Of what approved plans reduce; None where it was not read.
    """

    adding: Limit
    reducing: Limit
    approved: Limit | None = None
