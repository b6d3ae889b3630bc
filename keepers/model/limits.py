"""Limits on amounts that keepers may move and lose; they refill over time.

Amounts are base units of the settlement token.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Limit:
    """Limit: maximum `cap`, `available` now, refilled from empty in `period_seconds`."""

    cap: int
    available: int
    period_seconds: int

    @property
    def is_set(self) -> bool:
        """Return whether the limit ever allows any amount."""
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
    """Limits on the risk that one keeper may add, and reduce, without an approved plan.

    Attributes:
        removed: Whether the kill switch has removed the keeper; its limits are then void.
        reducing_loss: Loss allowed for its risk-reducing actions; None if not read.
    """

    keeper: str
    automatic: Limit
    reducing: Limit
    removed: bool = False
    reducing_loss: Limit | None = None

    @property
    def allowed(self) -> bool:
        """Return whether the account is a keeper."""
        return self.automatic.is_set and self.reducing.is_set and not self.removed


@dataclass(frozen=True, slots=True)
class LossBudgets:
    """Value that actions are allowed to lose.

    Attributes:
        adding: Budget of all risk-adding actions together.
        reducing: A keeper's own budget for risk-reducing actions without a plan.
        approved: Budget of risk-reducing actions of approved plans; None if not read.
    """

    adding: Limit
    reducing: Limit
    approved: Limit | None = None
