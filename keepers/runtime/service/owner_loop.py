"""Loop of one owner: active under its lease, or on standby while another keeper is active."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from keepers.config import Settings
from keepers.config.values import SQLITE_FILE
from keepers.model.cron import Cron
from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.runs.schedule.conductor import Conductor, Outcome
from keepers.runs.schedule.ports import ScheduledOwner, Watch
from keepers.runtime.process.database import KeeperAlreadyRunningError, only_keeper
from keepers.runtime.process.leases import kept, lease_seconds
from keepers.runtime.process.owner import Owner
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.transaction_engine import holder_of
from keepers.runtime.service.state import ServiceState, VaultMode
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.ticks import TickRepository, clock_lease
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.registry import LAST_TICK, TICKS, VAULT_ACTIVE, VAULT_FAILING

DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


@contextmanager
def waking(times: Sequence[Cron], wake: Callable[[], Awaitable[None]]) -> Generator[None]:
    """Call `wake` at each of these times in the running loop, until the context ends."""
    scheduler: Any = AsyncIOScheduler(timezone=UTC, job_defaults=DEFAULTS)
    for cron in times:
        scheduler.add_job(wake, cron.trigger)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


class LeaseLostError(BallastError):
    """The lease on an owner's clock expired before its renewal; another keeper may hold it."""

    def __init__(self) -> None:
        super().__init__(
            "the lease on its clock has expired; it is acquired again if no other keeper holds it"
        )


STANDING_BY = (LeaseHeldError, LeaseLostError, StaleLeaseError, KeeperAlreadyRunningError)

STANDBY_SECONDS = 1.0
"""Longest pause between attempts of a keeper on standby to take over."""


@dataclass(frozen=True, slots=True)
class LoopDependencies:
    """Dependencies of an owner's loop."""

    settings: Settings
    database: Database
    state: ServiceState
    metrics: Metrics
    stopping: asyncio.Event
    arm: bool


class Reconnect:
    """Seconds between attempts to reach an unavailable database, doubled each time."""

    FIRST = 0.5
    LONGEST = 4.0

    def __init__(self) -> None:
        self._seconds = self.FIRST

    def next(self) -> float:
        """Return the next wait, and double it."""
        seconds, self._seconds = self._seconds, min(self._seconds * 2, self.LONGEST)
        return seconds

    def reset(self) -> None:
        """Restart from the shortest wait."""
        self._seconds = self.FIRST


class OwnerLoop:
    """Loop that keeps an owner; failures are reported and retried."""

    def __init__(self, parts: LoopDependencies, owner: Owner) -> None:
        self._parts = parts
        self._owner = owner
        self._wake = asyncio.Event()
        self._checks: frozenset[str] = frozenset()
        self._failed: set[str] = set()
        self._reconnect = Reconnect()
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(
            vault=owner.name
        )

    async def run(self) -> None:
        """Keep the owner until the service stops."""
        service = self._parts.settings.service
        while not self._parts.stopping.is_set():
            pause = float(service.look_seconds)
            try:
                await self._keep()
            except STANDING_BY as error:
                self._set_mode(VaultMode.STANDBY, str(error), getattr(error, "holder", None))
                pause = min(pause, STANDBY_SECONDS)
            except StoreUnavailableError as error:
                pause = min(float(service.retry_seconds), self._reconnect.next())
                self._set_mode(VaultMode.FAILING, str(error))
            except BallastError as error:
                self._set_mode(VaultMode.FAILING, str(error))
                pause = float(service.retry_seconds)
            await rest(self._parts.stopping, pause)

    async def _keep(self) -> None:
        parts, owner, lost = self._parts, self._owner, asyncio.Event()
        with _held(parts, owner.name, lost.set) as lease:
            async with (
                owner.watch(parts.database, lease) as watch,
                owner.keeper(parts.metrics, arm=parts.arm) as keeper,
            ):
                self._set_mode(VaultMode.ACTIVE, "")
                self._reconnect.reset()
                await _while_held(lost, self._run_schedules(keeper, watch, lease))

    async def _run_schedules(self, keeper: ScheduledOwner, watch: Watch, lease: HeldLease) -> None:
        parts = self._parts
        beside = self._owner.schedules(parts.database, parts.metrics, arm=parts.arm)
        checks = keeper.checks(watch)
        schedules = (*checks, *beside)
        self._checks, self._failed = frozenset(each.name for each in checks), set()
        service = parts.settings.service
        conductor = Conductor(
            self._owner.name,
            schedules,
            TickRepository(parts.database, self._owner.name, lease),
            SystemClock(),
            count=self._count,
            retry_seconds=float(service.retry_seconds),
        )
        async with _stopping_at(parts.stopping, conductor.stop):
            with waking([each.cron for each in schedules], self._wake_up):
                while not parts.stopping.is_set():
                    self._wake.clear()
                    await self._round(conductor, keeper)
                    await rest(parts.stopping, float(service.look_seconds), self._wake)

    async def _round(self, conductor: Conductor, keeper: ScheduledOwner) -> None:
        """Run due schedules, then resume open work; failures are retried under this lease."""
        try:
            await conductor.run_due()
            if not self._parts.stopping.is_set():
                await keeper.resume_open()
        except (*STANDING_BY, StoreUnavailableError):
            raise
        except BallastError as error:
            self._set_mode(VaultMode.FAILING, str(error))
            await rest(self._parts.stopping, float(self._parts.settings.service.retry_seconds))
        else:
            self._set_mode(*self._current_mode())

    def _current_mode(self) -> tuple[VaultMode, str]:
        """Return the mode; an owner with a failing check is failing."""
        if not self._failed:
            return VaultMode.ACTIVE, ""
        return (
            VaultMode.FAILING,
            f"failing checks: {', '.join(sorted(self._failed))}; see the log for the reasons",
        )

    def _count(self, schedule: str, outcome: Outcome) -> None:
        metrics = self._parts.metrics
        metrics.count(TICKS, self._owner.name, schedule, outcome)
        if outcome is Outcome.FAILED and schedule in self._checks:
            self._failed.add(schedule)
        elif outcome is not Outcome.POSTPONED:
            self._failed.discard(schedule)
        if outcome in {Outcome.RUN, Outcome.NOTHING}:
            metrics.put(LAST_TICK, time.time(), self._owner.name, schedule)

    async def _wake_up(self) -> None:
        self._wake.set()

    def _set_mode(self, mode: VaultMode, reason: str, waits_for: str | None = None) -> None:
        """Record a mode, and log it once, even over repeated attempts."""
        metrics = self._parts.metrics
        metrics.put(VAULT_ACTIVE, mode is VaultMode.ACTIVE, self._owner.name)
        metrics.put(VAULT_FAILING, mode is VaultMode.FAILING, self._owner.name)
        if not self._parts.state.vault(self._owner.name, mode, reason, waits_for):
            return
        match mode:
            case VaultMode.FAILING:
                seconds = float(self._parts.settings.service.retry_seconds)
                self._log.error("vault_failing", error=reason, retry_in_seconds=seconds)
            case VaultMode.STANDBY:
                self._log.info("vault_standing_by", reason=reason)
            case _:
                self._log.info(f"vault_{mode}")


@contextmanager
def _held(parts: LoopDependencies, name: str, lost: Callable[[], object]) -> Generator[HeldLease]:
    """Hold the lease on the owner's clock; on a file also a lock, so that a restart has it at once.

    Raises:
        LeaseHeldError, KeeperAlreadyRunningError: Another keeper holds the lease or the lock.
    """
    settings = parts.settings
    seconds = lease_seconds(settings, settings.service.clock_lease_seconds)
    lease = clock_lease(parts.database, name, holder=holder_of(settings.database), seconds=seconds)
    with _locked(settings.database, name):
        lease.acquire()
        with kept(settings, lease, lost):
            yield lease


@contextmanager
def _locked(database: str, name: str) -> Generator[None]:
    if database.startswith(SQLITE_FILE):
        with only_keeper(database, f"clock {name}"):
            yield
    else:
        yield


async def _while_held(lost: asyncio.Event, work: Coroutine[Any, Any, None]) -> None:
    """Run work until it finishes, or cancel it when the lease is lost.

    Raises:
        LeaseLostError: The lease is lost.
    """
    losing = asyncio.create_task(lost.wait())
    working = asyncio.create_task(work)
    try:
        await asyncio.wait([working, losing], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise LeaseLostError
    finally:
        for task in (working, losing):
            task.cancel()
        await asyncio.gather(working, losing, return_exceptions=True)
    working.result()


@asynccontextmanager
async def _stopping_at(stopping: asyncio.Event, stop: Callable[[], None]) -> AsyncGenerator[None]:
    """Call `stop` when the service stops."""

    async def wait() -> None:
        await stopping.wait()
        stop()

    task = asyncio.create_task(wait())
    try:
        yield
    finally:
        task.cancel()


async def rest(stopping: asyncio.Event, seconds: float, wake: asyncio.Event | None = None) -> None:
    """Sleep, but wake early if the service stops or `wake` is set."""
    waits: list[Awaitable[Any]] = [stopping.wait(), *([] if wake is None else [wake.wait()])]
    tasks = [asyncio.ensure_future(each) for each in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
