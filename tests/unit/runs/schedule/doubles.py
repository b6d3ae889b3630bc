"""Test doubles of schedules: a recording keeper, in-memory ticks and a fixed clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from keepers.model.errors.transaction import LeaseHeldError
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import TriggerChoice
from keepers.model.tier_state import Event
from keepers.runs.schedule.ports import CheckResult, Offer

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def at(hours: float = 0, minutes: float = 0, days: float = 0) -> datetime:
    """Return a time relative to the start of a Monday."""
    return MONDAY + timedelta(days=days, hours=hours, minutes=minutes)


@dataclass
class StillClock:
    """`Clock` with a fixed time; `sleep` returns at once."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return MONDAY

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds


@dataclass
class Row:
    """In-memory tick with its result."""

    tick: Tick
    result: TickResult | None = None
    later: bool = False


@dataclass
class MemoryTicks:
    """In-memory `TickLedger` without a database."""

    time: datetime
    rows: list[Row] = field(default_factory=list[Row])
    holder: str | None = None

    def hold(self) -> None:
        if self.holder is not None:
            raise LeaseHeldError("clock:main", self.holder)

    def now(self) -> datetime:
        return self.time

    def begin(self, schedule: str, due: datetime) -> bool:
        tick = Tick(tick_id=len(self.rows), schedule=schedule, due=due, since=None)
        self.rows.append(Row(tick, TickResult(None, "begin")))
        return True

    def unfinished(self, schedule: str) -> Tick | None:
        return next(
            (each.tick for each in reversed(self._of(schedule)) if each.result is None), None
        )

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        due = (each.tick.due for each in self._of(schedule))
        return max((each for each in due if each <= until), default=None)

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        for each in self._of(schedule):
            if each.result is None:
                each.result, each.later = TickResult(None, "later"), True
        done = [each.tick.due for each in self._of(schedule) if not each.later]
        tick = Tick(tick_id=len(self.rows), schedule=schedule, due=due, since=max(done))
        self.rows.append(Row(tick))
        return tick

    def take_up(self, tick: Tick) -> None:
        assert self.rows[tick.tick_id].result is None

    def finish(self, tick: Tick, result: TickResult) -> None:
        assert self.rows[tick.tick_id].result is None
        self.rows[tick.tick_id].result = result

    def release(self) -> None:
        self.holder = None

    def _of(self, schedule: str) -> list[Row]:
        return [each for each in self.rows if each.tick.schedule == schedule]


Asked = tuple[TriggerChoice, bool, tuple[Event, ...]]


@dataclass
class FakeKeeper:
    """`VaultKeeper` that only records its checks."""

    name: str = "main"
    asked: list[Asked] = field(default_factory=list[Asked])
    occasions: list[Occasion] = field(default_factory=list[Occasion])
    answer: Callable[[], CheckResult] = lambda: CheckResult(None, "nothing to do")

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        self.asked.append((trigger, weekly, occasion.events))
        self.occasions.append(occasion)
        return self.answer()

    async def resume_open(self) -> None: ...


@dataclass
class FakeWatch:
    """`Watch` that returns the offer set by a test."""

    offer: Offer = field(default_factory=Offer)

    async def poll(self) -> Offer:
        return self.offer
