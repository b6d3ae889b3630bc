"""Conductor of the checks of one vault or of the treasuries, run sequentially."""

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
"""Waiting time while another process holds a lease; a killed process holds it for seconds."""

ENDS_THE_ROUND = (StoreUnavailableError, StaleLeaseError)
"""Errors that are no failure of the work: no database, or another keeper may be active."""


class Outcome(StrEnum):
    """Outcome of a tick."""

    RUN = "run"
    NOTHING = "nothing"
    POSTPONED = "postponed"
    FAILED = "failed"


Count = Callable[[str, Outcome], None]
"""Receives the schedule and outcome of each tick."""


def _uncounted(schedule: str, outcome: Outcome) -> None:
    del schedule, outcome


class Conductor:
    """Claims ticks and runs their work sequentially, so that an owner has one check at a time.

    A tick whose work failed or whose keeper was killed is retried until the next tick of its
    schedule is due and replaces it.

    Args:
        vault: The vault's name.
        schedules: The schedules, in order of priority if several are due.
        store: Store of ticks.
        clock: Clock for the time between attempts.
        count: Receives the outcome of each tick.
        retry_seconds: Waiting time after failed work.
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
        """Start no further work; work in progress may finish."""
        self._stopping = True

    async def run_due(self) -> int:
        """Run the ticks that are due now; return the number of ticks with a result.

        Raises:
            LeaseHeldError: Another keeper holds the lease on the clock.
            StaleLeaseError: Another keeper may hold a lease that the work needs.
            StoreUnavailableError: The database is unavailable; the tick is retried.
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
        """Return the newest due tick, else the unfinished one, if any."""
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
