"""What the clock drives, and what remembers its ticks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from keepers.model.chain_events import Handled, Level
from keepers.model.cron import Cron
from keepers.model.tick import Occasion, Tick, TickResult
from keepers.model.tier_plan import TriggerChoice
from keepers.model.tier_state import Event


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check came to: its run, and one line about it."""

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

        After a kill the same check is asked for again; a run that it had opened is gone on with.

        Args:
            trigger: What to judge.
            weekly: Whether a scheduled check is the weekly one.
            occasion: The tick, which ends with the run that is opened for it, and what happened.
                That is offered again at the next tick, unless a run has handled it.
        """
        ...

    async def resume_open(self) -> None:
        """Between ticks: follow transactions, go on with a plan that waits for approval."""
        ...


@dataclass(frozen=True, slots=True)
class Schedule:
    """Something that is done at its times: a name, a cron text, and the work for one tick."""

    name: str
    cron: Cron
    work: Callable[[Tick], Awaitable[TickResult]]


class Kept(Protocol):
    """What the service keeps: a vault, or the treasuries. Never asked two things at a time."""

    @property
    def name(self) -> str:
        """Its name, under which its clock's lease is held."""
        ...

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """What is done at which times, in the order in which that is done when several are due."""
        ...

    async def resume_open(self) -> None:
        """Between ticks: go on with what is under way."""
        ...


class TickLedger(Protocol):
    """Remembers ticks; each method is one transaction under the lease on a vault's clock."""

    def hold(self) -> None:
        """Get or extend the lease; raises `LeaseHeldError` while another keeper has it."""
        ...

    def now(self) -> datetime:
        """The time of the database."""
        ...

    def begin(self, schedule: str, due: datetime) -> bool:
        """Note from when on a schedule counts; False if it has had a tick before."""
        ...

    def unfinished(self, schedule: str) -> Tick | None:
        """The tick that was claimed and has no result, as after a kill."""
        ...

    def newest(self, schedule: str, until: datetime) -> datetime | None:
        """When the newest tick was due that was ever claimed, and is not after a moment.

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
    """Looks for events of one vault."""

    async def look(self) -> Offer:
        """What has happened since the last that was handled, as far as it is final."""
        ...
