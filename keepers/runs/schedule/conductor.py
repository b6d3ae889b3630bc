"""Conductor of the checks of one vault or of the treasuries, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum

import structlog

from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.ports import Clock
from keepers.model.tick import Tick
from keepers.runs.schedule.ports import Schedule, TickStore

RETRY_SECONDS = 60.0

POSTPONED_SECONDS = 2.0
"""How long to wait while another process has a lease: one that was killed has it for seconds."""

ENDS_THE_ROUND = (StoreUnavailableError, StaleLeaseError)
"""Not the work has failed: the database is away, or another keeper may work."""


class Outcome(StrEnum):
    """Outcome of a tick."""

    RUN = "run"
    NOTHING = "nothing"
    POSTPONED = "postponed"
    FAILED = "failed"


Count = Callable[[str, Outcome], None]
"""Told of each tick: its schedule, and what came of it."""


def _uncounted(schedule: str, outcome: Outcome) -> None:
    del schedule, outcome


class Conductor:
    """Claims ticks and has their work done; never two at a time, so a vault has one check at once.

    A tick whose work failed, or whose keeper was killed, is tried again until the next one of its
    schedule is due and takes its place.

    Args:
        vault: The vault's name.
        schedules: What is done when, in the order in which it is done if several are due.
        store: Store of ticks.
        clock: For the time between attempts.
        count: Told what came of each tick.
        retry_seconds: How long to wait after work that failed.
    """

    def __init__(
        self,
        vault: str,
        schedules: Sequence[Schedule],
        store: TickStore,
        clock: Clock,
        *,
        count: Count = _uncounted,
        retry_seconds: float = RETRY_SECONDS,
    ) -> None:
        self._vault = vault
        self._schedules = schedules
        self._store = store
        self._clock = clock
        self._count = count
        self._retry_seconds = retry_seconds
        self._stopping = False
        self._resting: dict[str, float] = {}
        self._postponed: dict[str, str] = {}
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind(vault=vault)

    def stop(self) -> None:
        """Begin nothing more; what is under way may end."""
        self._stopping = True

    async def run_due(self) -> int:
        """Do what is due now; returns the number of ticks that have a result.

        Raises:
            LeaseHeldError: Another keeper has the vault's clock.
            StaleLeaseError: Another keeper may have a lease that the work needs.
            StoreUnavailableError: The database cannot be used; the tick is tried again.
        """
        done = 0
        for schedule in self._schedules:
            if self._stopping:
                break
            self._store.hold()
            tick = self._next(schedule)
            if tick is not None:
                done += await self._do(schedule, tick)
        return done

    def _next(self, schedule: Schedule) -> Tick | None:
        """Return the newest tick that is due; the unfinished one where there is none newer."""
        name = f"{self._vault}:{schedule.name}"
        now = self._store.now()
        newest = self._store.newest(name, now)
        due = schedule.cron.newest(newest, now)
        if newest is None:
            self._store.begin(name, due or now)
            return None
        if due is not None:
            self._resting.pop(schedule.name, None)
            return self._store.claim(name, due)
        if self._clock.monotonic() < self._resting.get(schedule.name, 0):
            return None
        tick = self._store.unfinished(name)
        if tick is not None:
            self._log.info("tick_taken_up", schedule=name, due=tick.due.isoformat())
            self._store.take_up(tick)
        return tick

    async def _do(self, schedule: Schedule, tick: Tick) -> bool:
        bound = self._log.bind(schedule=tick.schedule, due=tick.due.isoformat())
        try:
            result = await schedule.work(tick)
        except LeaseHeldError as error:
            if self._postponed.get(schedule.name) != str(error):
                bound.info("check_postponed", reason=str(error))
                self._count(schedule.name, Outcome.POSTPONED)
            self._postponed[schedule.name] = str(error)
            self._rest(schedule, min(self._retry_seconds, POSTPONED_SECONDS))
            return False
        except ENDS_THE_ROUND:
            raise
        except BallastError as error:
            bound.error("check_failed", error=str(error), retry_in_seconds=self._retry_seconds)
            self._count(schedule.name, Outcome.FAILED)
            self._rest(schedule, self._retry_seconds)
            return False
        self._postponed.pop(schedule.name, None)
        self._store.finish(tick, result)
        write = bound.warning if result.is_warning else bound.info
        write("check_done", run_id=result.run_id, text=result.text)
        self._count(schedule.name, Outcome.NOTHING if result.run_id is None else Outcome.RUN)
        return True

    def _rest(self, schedule: Schedule, seconds: float) -> None:
        self._resting[schedule.name] = self._clock.monotonic() + seconds
