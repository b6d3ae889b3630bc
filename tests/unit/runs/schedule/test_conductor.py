"""Tests of the conductor: one check per tick, missed ticks merged, failed checks retried."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

import pytest
import structlog

from keepers.model.chain_events import Handled, Level, LevelKind
from keepers.model.cron import Cron
from keepers.model.errors import BallastError
from keepers.model.errors.transaction import LeaseHeldError
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import TriggerKind
from keepers.model.tier_state import Subscription
from keepers.runs.schedule.conductor import Conductor
from keepers.runs.schedule.ports import CheckResult, CheckTimes, Offer, Schedule, vault_schedules
from tests.unit.runs.schedule.doubles import FakeKeeper, FakeWatch, MemoryTicks, StillClock, at

TIMES = CheckTimes(
    daily=Cron("0 0 * * *"),
    weekly=Cron("0 0 * * 1"),
    threshold=Cron("0 * * * *"),
    liquidity=Cron("*/5 * * * *"),
    events=Cron("*/5 * * * *"),
)


@dataclass
class Scene:
    """Keeper under its conductor, from Tuesday noon."""

    keeper: FakeKeeper = field(default_factory=FakeKeeper)
    watch: FakeWatch = field(default_factory=FakeWatch)
    ticks: MemoryTicks = field(default_factory=lambda: MemoryTicks(at(days=1, hours=12)))
    clock: StillClock = field(default_factory=StillClock)

    def __post_init__(self) -> None:
        schedules = vault_schedules(self.keeper, TIMES, self.watch)
        self.conductor = Conductor("main", schedules, self.ticks, self.clock)
        asyncio.run(self.conductor.run_due())
        assert self.keeper.asked == []

    def go(self, time: datetime) -> list[TriggerKind | str]:
        """Run the checks due at a time; return their triggers."""
        self.ticks.time = time
        before = len(self.keeper.asked)
        asyncio.run(self.conductor.run_due())
        return [trigger for trigger, _, _ in self.keeper.asked[before:]]


def test_start__nothing_was_missed__waits_for_the_next_tick() -> None:
    scene = Scene()
    assert scene.go(at(days=1, hours=12, minutes=4.9)) == []
    assert scene.go(at(days=1, hours=12, minutes=5)) == [TriggerKind.LIQUIDITY]
    assert scene.go(at(days=1, hours=12, minutes=9)) == []


def test_downtime__every_schedule__has_its_newest_tick_once() -> None:
    scene = Scene()
    asked = scene.go(at(days=2, hours=6, minutes=3))
    assert asked == [TriggerKind.LIQUIDITY, TriggerKind.THRESHOLD, TriggerKind.SCHEDULED]
    due = [row.tick.due for row in scene.ticks.rows[4:]]
    assert due == [at(days=2, hours=6), at(days=2, hours=6), at(days=2, hours=6), at(days=2)]
    assert scene.go(at(days=2, hours=6, minutes=4)) == []


def test_clock__ran_ahead_for_a_moment__ticks_go_on_at_once() -> None:
    scene = Scene()
    assert scene.go(at(days=4_000)) != []
    assert scene.go(at(days=1, hours=12, minutes=5)) == [TriggerKind.LIQUIDITY]
    assert scene.go(at(days=1, hours=12, minutes=6)) == []
    assert scene.go(at(days=1, hours=12, minutes=10)) == [TriggerKind.LIQUIDITY]


def test_clock__goes_back_a_little__nothing_is_done_twice() -> None:
    scene = Scene()
    assert scene.go(at(days=1, hours=12, minutes=5)) == [TriggerKind.LIQUIDITY]
    assert scene.go(at(days=1, hours=12, minutes=4)) == []
    assert scene.go(at(days=1, hours=12, minutes=6)) == []


def test_monday__missed_and_coalesced_into_tuesday__is_weekly() -> None:
    scene = Scene()
    scene.go(at(days=2))
    scene.go(at(days=8, hours=1))
    weekly = [weekly for trigger, weekly, _ in scene.keeper.asked if trigger == "SCHEDULED"]
    assert weekly == [False, True]
    scene.go(at(days=9))
    assert not scene.keeper.asked[-1][1]


def test_failing_check__is_tried_again_after_a_while() -> None:
    scene = Scene()

    def fail() -> CheckResult:
        raise BallastError("node away; check rpc_urls")

    scene.keeper.answer = fail
    with structlog.testing.capture_logs() as logs:
        assert scene.go(at(days=1, hours=12, minutes=5)) == [TriggerKind.LIQUIDITY]
    (error,) = [each for each in logs if each["log_level"] == "error"]
    assert error["error"] == "node away; check rpc_urls"
    assert scene.go(at(days=1, hours=12, minutes=6)) == []
    scene.clock.seconds += 61
    assert scene.go(at(days=1, hours=12, minutes=7)) == [TriggerKind.LIQUIDITY]


def test_failed_weekly__next_day__is_still_weekly() -> None:
    scene = Scene()
    scene.go(at(days=6))

    def fail() -> CheckResult:
        raise BallastError("no")

    usual, scene.keeper.answer = scene.keeper.answer, fail
    scene.go(at(days=7))
    scene.keeper.answer = usual
    scene.go(at(days=8))
    assert scene.keeper.asked[-1][:2] == (TriggerKind.SCHEDULED, True)


def test_lease_of_the_vault_held__is_no_error() -> None:
    scene = Scene()

    def held() -> CheckResult:
        raise LeaseHeldError("vault:main", "another")

    scene.keeper.answer = held
    with structlog.testing.capture_logs() as logs:
        scene.go(at(days=1, hours=12, minutes=5))
    assert [each["log_level"] for each in logs if each["event"] == "check_postponed"] == ["info"]


def test_clock_held_by_another__nothing_is_claimed() -> None:
    scene = Scene()
    scene.ticks.holder = "another"
    with pytest.raises(LeaseHeldError):
        scene.go(at(days=2))
    assert scene.keeper.asked == []


def test_events__go_to_the_check_with_what_a_run_handles() -> None:
    scene = Scene()
    handled = Handled(deposits=(1, 2))
    noted = (Level(LevelKind.PRICE, "WETH", 1),)
    scene.watch.offer = Offer((Subscription(200),), noted, handled)
    scene.keeper.answer = lambda: CheckResult("r1", "done")
    scene.go(at(days=1, hours=12, minutes=5))
    assert scene.keeper.asked[-1] == (TriggerKind.EVENT, False, (Subscription(200),))
    tick = scene.ticks.rows[-1]
    assert scene.keeper.occasions[-1] == Occasion(tick.tick.tick_id, (Subscription(200),), handled)
    assert tick.result == TickResult("r1", "done", noted)


async def test_another_schedule__joins_with_name_cron_and_work() -> None:
    seen: list[Tick] = []

    async def work(tick: Tick) -> TickResult:
        seen.append(tick)
        return TickResult(None, "looked")

    ticks = MemoryTicks(at(hours=1))
    schedule = Schedule("treasury", Cron("*/10 * * * *"), work)
    conductor = Conductor("main", [schedule], ticks, StillClock())
    await conductor.run_due()
    ticks.time = at(hours=1, minutes=10)
    assert await conductor.run_due() == 1
    assert [(tick.schedule, tick.due) for tick in seen] == [
        ("main:treasury", at(hours=1, minutes=10))
    ]
