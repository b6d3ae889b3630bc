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
    """Result of a check: its run, and one line about it."""

    run_id: str | None
    text: str


class VaultKeeper(Protocol):
    """Keeps one vault. Its methods are called one after the other, never two at a time."""

    @property
    def name(self) -> str:
        """The vault's name in the settings."""
        ...

    async def check(
        self, trigger: TriggerChoice, *, weekly: bool, occasion: Occasion
    ) -> CheckResult:
        """One run of the pipeline, or nothing.

        After a kill the same check is asked for again; a run that it had opened is resumed.

        Args:
            trigger: What to judge.
            weekly: Whether a scheduled check is the weekly one.
            occasion: The tick, which ends with the run that is opened for it, and what happened.
                That is offered again at the next tick, unless a run has handled it.
        """
        ...

    async def resume_open(self) -> None:
        """Follow transactions and resume a plan that waits for approval, between ticks."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """Check at its times: a name, a cron text, and the work for one tick."""

    name: str
    cron: Cron
    work: Callable[[Tick], Awaitable[TickResult]]


class ScheduledOwner(Protocol):
    """Owner that the service keeps: a vault, or the treasuries; called one call at a time."""

    @property
    def name(self) -> str:
        """Its name, under which its clock's lease is held."""
        ...

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """Return the checks with their times; of several that are due the first comes first."""
        ...

    async def resume_open(self) -> None:
        """Resume what is under way, between ticks."""
        ...


class TickStore(Protocol):
    """Remembers ticks; each method is one transaction under the lease on a vault's clock."""

    def hold(self) -> None:
        """Get or extend the lease; raises `LeaseHeldError` while another keeper has it."""
        ...

    def now(self) -> datetime:
        """Return the time of the database."""
        ...

    def begin(self, schedule: str, due: datetime) -> bool:
        """Note from when on a schedule counts; False if it has had a tick before."""
        ...

    def unfinished(self, schedule: str) -> Tick | None:
        """Return the tick that was claimed and has no result, as after a kill."""
        ...

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """Return when the newest tick was due that was ever claimed and is not after a moment.

        A clock that once ran ahead has left ticks of a time that is still to come.
        """
        ...

    def claim(self, schedule: str, due: datetime) -> Tick | None:
        """Claim a tick; one without a result becomes part of it. None if somebody else has it."""
        ...

    def take_up(self, tick: Tick) -> None:
        """Note that an unfinished tick is worked on again."""
        ...

    def finish(self, tick: Tick, result: TickResult) -> None:
        """Keep a tick's result, if it has none yet, and the levels it has noted."""
        ...

    def release(self) -> None:
        """Give the lease back."""
        ...


@dataclass(frozen=True, slots=True)
class Offer:
    """Events that call for a check.

    `handled` is what a run that was given them has handled; `noted` is kept in any case.
    """

    events: tuple[Event, ...] = ()
    noted: tuple[Level, ...] = ()
    handled: Handled = field(default_factory=Handled)


class Watch(Protocol):
    """Watch for events of one vault."""

    async def poll(self) -> Offer:
        """Return what has happened since the last that was handled, as far as it is final."""
        ...


NO_EVENTS = "no events"


@dataclass(frozen=True, slots=True)
class CheckTimes:
    """Times of the checks of a vault.

    The first scheduled check at or after a time of `weekly` checks weights too.
    """

    daily: Cron
    weekly: Cron
    threshold: Cron
    liquidity: Cron
    events: Cron


def vault_schedules(keeper: VaultKeeper, times: CheckTimes, watch: Watch) -> tuple[Schedule, ...]:
    """Return the checks of a vault in the order in which they are made when several are due."""
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
