"""Ticks of schedules, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from keepers.domain.watching import Handled


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A due time that this keeper has claimed.

    Attributes:
        tick_id: Its row.
        schedule: Whose time it is, as in `main:daily`.
        due: The time. Older times that nobody was there for are part of it.
        since: When the tick before it was due that something was done for; None for the first.
    """

    tick_id: int
    schedule: str
    due: datetime
    since: datetime | None


@dataclass(frozen=True, slots=True)
class TickResult:
    """What was done for a tick: a run, or nothing for a reason; and what of events it handled."""

    run_id: str | None
    text: str
    handled: Handled = field(default_factory=Handled)
