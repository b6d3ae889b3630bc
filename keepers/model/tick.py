"""Ticks of schedules, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from keepers.model.chain_events import Handled, Level
from keepers.model.tier_state import Event


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
class Occasion:
    """Occasion of a check.

    Attributes:
        tick_id: The tick that it is made for; it ends with the run that is opened for it.
        events: What happened since the last plan.
        handles: What of it counts as handled when that run ends, unless it is refused or fails.
    """

    tick_id: int | None = None
    events: tuple[Event, ...] = ()
    handles: Handled = field(default_factory=Handled)


ALONE = Occasion()
"""No tick, and nothing happened: somebody asks."""


@dataclass(frozen=True, slots=True)
class TickResult:
    """Result of a tick: a run, or nothing for a reason; and the levels it has noted.

    Attributes:
        is_warning: Whether something that should have been done was not.
    """

    run_id: str | None
    text: str
    noted: tuple[Level, ...] = ()
    is_warning: bool = False
