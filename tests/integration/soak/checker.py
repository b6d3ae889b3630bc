"""A keeper for the soak: the real conductor and checks, in a process that can be killed.

It is told the time, line by line, since the chain's runs ahead of the machine's. For each line it
does what is due by then, and says what came of it. A line may name a place at which it is killed.
Before its first line it holds nothing, so one can wait while another works.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from keepers.config import Settings, load_settings
from keepers.runs.schedule.conductor import Conductor, Outcome
from keepers.runs.schedule.ports import vault_schedules
from keepers.runtime.process.database import opened
from keepers.runtime.process.logs import configure_service_logs
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.transaction_engine import holder_of
from keepers.runtime.service.service import service_metrics
from keepers.runtime.vault.keeper import PipelineKeeper, check_times
from keepers.runtime.vault.watch import vault_watch
from keepers.store.ticks import TickRepository, clock_lease
from keepers.transactions.crash_points import VARIABLE

VAULT = "main"
LEASE_SECONDS = 60


class ToldTime(TickRepository):
    """Ticks by the time that the soak tells."""

    moment = datetime(2000, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """What was told last."""
        return self.moment


@asynccontextmanager
async def conducting(
    settings: Settings, told: list[tuple[str, str]]
) -> AsyncGenerator[tuple[Conductor, ToldTime]]:
    """The vault's conductor; what comes of each tick is appended to `told`."""

    def count(schedule: str, outcome: Outcome) -> None:
        told.append((schedule, outcome))

    with opened(settings) as ledger:
        lease = clock_lease(
            ledger, VAULT, holder=holder_of(settings.database), seconds=LEASE_SECONDS
        )
        ticks = ToldTime(ledger, VAULT, lease)
        ticks.hold()
        async with vault_watch(settings, VAULT, ledger, lease) as watch:
            keeper = PipelineKeeper(settings, VAULT, ledger, service_metrics(), arm=True)
            schedules = vault_schedules(keeper, check_times(settings), watch)
            clock = SystemClock()
            yield (
                Conductor(VAULT, schedules, ticks, clock, count=count, retry_seconds=0.0),
                ticks,
            )


async def listen() -> None:
    """Until standard input ends."""
    told: list[tuple[str, str]] = []
    line = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        return
    async with conducting(load_settings(Path("ballast.toml")), told) as (conductor, ticks):
        while line:
            order = json.loads(line)
            if order["crash"] is not None:
                os.environ[VARIABLE] = order["crash"]
            ticks.moment = datetime.fromtimestamp(order["at"], UTC)
            told.clear()
            await conductor.run_due()
            _say({"looked": order["at"], "ticks": told})
            line = await asyncio.to_thread(sys.stdin.readline)


def _say(document: object) -> None:
    # With the log lines in one stream, so that what failed is read before the end of its look.
    sys.stderr.write(f"{json.dumps(document)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    configure_service_logs()
    asyncio.run(listen())
