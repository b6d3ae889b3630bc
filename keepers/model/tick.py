"""Ticks of schedules, and their results."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from keepers.model.chain_events import Handled, Level
from keepers.model.tier_state import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """Due time that this keeper has claimed.

    Attributes:
        tick_id: Id of its row.
        schedule: Name of the schedule, as in `main:daily`.
        due: The due time. The tick includes older times that were missed.
        since: Due time of the previous tick that was processed; None for the first.
    """

    tick_id: int
    schedule: str
    due: datetime
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Occasion:
    """Occasion of a check.

    Attributes:
        tick_id: The tick of the check; it ends with the run that the check opens.
        events: Events since the last plan.
        handles: Events marked as handled when that run ends, unless it is refused or fails.
    """

    tick_id: int | None = None
    events: tuple[Event, ...] = ()
    handles: Handled = field(default_factory=Handled)


ALONE = Occasion()
"""Occasion without tick and events: an operator's request."""


@dataclass(frozen=True, slots=True)
class TickResult:
    """Result of a tick: a run, or a reason for none; and the levels that were recorded.

    Attributes:
        is_warning: Whether work that was due was not done.
    """

    run_id: str | None
    text: str
    noted: tuple[Level, ...] = ()
    is_warning: bool = False
