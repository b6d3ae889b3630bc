"""Ports of the schedule: owners with their checks, ticks, and sources of events."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keepers.model.chain_events import Handled, Level
from keepers.model.cron import Cron
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.tier_state import Event


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Result of a check: its run and a one-line text."""

    run_id: str | None
    text: str


class VaultKeeper(Protocol):
    """Keeper of one vault; its methods are called sequentially."""

    @property
    def name(self) -> str:
        """The vault's name in the settings."""
        ...

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        """Run the pipeline once, or do nothing.

        After a kill the same check is requested again, and the run that it opened is resumed.

        Args:
            trigger: The trigger to evaluate.
            weekly: Whether a scheduled check is the weekly one.
            occasion: The tick, which is finished by the run opened for it, and its events, which
                are offered again at the next tick unless a run has handled them.
        """
        ...

    async def resume_open(self) -> None:
        """Follow transactions, and resume a plan that waits for approval, between ticks."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """A scheduled check: name, cron expression, and the work of one tick."""

    name: str
    cron: Cron
    work: Callable[[Tick], Awaitable[TickResult]]


class ScheduledOwner(Protocol):
    """Owner run by the service: a vault or the treasuries; its methods are called sequentially."""

    @property
    def name(self) -> str:
        """Name under which the lease on its clock is held."""
        ...

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """Return the scheduled checks in order of priority."""
        ...

    async def resume_open(self) -> None:
        """Resume work in progress between ticks."""
        ...


class TickStore(Protocol):
    """Store of ticks; every method is one transaction under the lease on a vault's clock."""

    def hold(self) -> None:
        """Acquire or extend the lease; raise `LeaseHeldError` while another keeper holds it."""
        ...

    def now(self) -> datetime:
        """Return the database time."""
        ...

    def begin(self, schedule: str, due: datetime) -> bool:
        """Record when a schedule starts; return False if it already has a tick."""
        ...

    def unfinished(self, schedule: str) -> Tick | None:
        """Return the claimed tick without a result, as after a kill."""
        ...

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """Return the due time of the newest claimed tick up to a given time.

        Ticks in the future, left by a clock that ran ahead, are ignored.
        """
        ...

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        """Claim a tick, merging an unfinished one into it; None if another keeper claimed it."""
        ...

    def take_up(self, tick: Tick) -> None:
        """Record that an unfinished tick is being retried."""
        ...

    def finish(self, tick: Tick, result: TickResult) -> None:
        """Store a tick's result, if it has none yet, and its noted levels."""
        ...

    def release(self) -> None:
        """Release the lease."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """Events that require a check.

    A run given the events marks `handled` as handled; `noted` is stored in any case.
    """

    events: tuple[Event, ...] = ()
    noted: tuple[Level, ...] = ()
    handled: Handled = field(default_factory=Handled)


class Watch(Protocol):
    """Source of events of one vault."""

    async def poll(self) -> Offer:
        """Return the final events since the last handled ones."""
        ...


NO_EVENTS = "no events"


@dataclass(frozen=True, slots=True)
class CheckTimes:
    """Times of a vault's checks.

    The first scheduled check at or after a `weekly` time also checks weights.
    """

    daily: Cron
    weekly: Cron
    threshold: Cron
    liquidity: Cron
    events: Cron


def vault_schedules(keeper: VaultKeeper, times: CheckTimes, watch: Watch) -> tuple[Schedule, ...]:
    """Return the checks of a vault in order of priority."""
    return (
        Schedule("liquidity", times.liquidity, _plain(keeper, TriggerKind.LIQUIDITY)),
        Schedule("events", times.events, _events(keeper, watch)),
        Schedule("threshold", times.threshold, _plain(keeper, TriggerKind.THRESHOLD)),
        Schedule("daily", times.daily, _scheduled(keeper, times.weekly)),
    )


def _plain(keeper: VaultKeeper, trigger: TriggerKind) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        found = await keeper.check(trigger, weekly=False, occasion=Occasion(tick.tick_id))
        return TickResult(found.run_id, found.text)

    return work


def _scheduled(keeper: VaultKeeper, weekly: Cron) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        occasion = Occasion(tick.tick_id)
        is_weekly = weekly.fires(tick.since, tick.due)
        found = await keeper.check(TriggerKind.SCHEDULED, weekly=is_weekly, occasion=occasion)
        return TickResult(found.run_id, found.text)

    return work


def _events(keeper: VaultKeeper, watch: Watch) -> Callable[[Tick], Awaitable[TickResult]]:
    async def work(tick: Tick) -> TickResult:
        offer = await watch.poll()
        if not offer.events:
            return TickResult(None, NO_EVENTS, offer.noted)
        occasion = Occasion(tick.tick_id, offer.events, offer.handled)
        found = await keeper.check(TriggerKind.EVENT, weekly=False, occasion=occasion)
        return TickResult(found.run_id, found.text, offer.noted)

    return work
