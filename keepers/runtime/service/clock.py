"""APScheduler as the clock: it wakes a vault's loop at each time of its schedules.

Which ticks are due is not asked of it but of the ledger, by the database's time. So nothing is
lost when it is late, or when nobody was there.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from contextlib import contextmanager
from datetime import UTC
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from keepers.model.cron import Cron

DEFAULTS = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}


@contextmanager
def waking(times: Sequence[Cron], wake: Callable[[], Awaitable[None]]) -> Generator[None]:
    """Call `wake` at each of these times, in the running loop, until this is left."""
    scheduler: Any = AsyncIOScheduler(timezone=UTC, job_defaults=DEFAULTS)
    for cron in times:
        scheduler.add_job(wake, cron.trigger)
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)
