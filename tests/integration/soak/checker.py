"""Keeper process of the soak: the real conductor and checks, in a process that can be killed.

Each line of standard input has a time, because the chain's clock runs ahead of the machine's. For
each line the process makes the checks that are due and prints their results. A line may name a
crash point at which the process is killed. Before the first line the process holds no lease, so a
spare process can wait beside the active one.
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


class SoakTicks(TickRepository):
    """Ticks at the time that the soak sets."""

    moment = datetime(2000, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """Return the time of the last line."""
        return self.moment


@asynccontextmanager
async def conducting(
    settings: Settings, results: list[tuple[str, str]]
) -> AsyncGenerator[tuple[Conductor, SoakTicks]]:
    """Yield the vault's conductor; the result of each tick is appended to `results`."""

    def count(schedule: str, outcome: Outcome) -> None:
        results.append((schedule, outcome))

    with opened(settings) as ledger:
        lease = clock_lease(
            ledger, VAULT, holder=holder_of(settings.database), seconds=LEASE_SECONDS
        )
        ticks = SoakTicks(ledger, VAULT, lease)
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
    """Make checks until standard input ends."""
    results: list[tuple[str, str]] = []
    line = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        return
    async with conducting(load_settings(Path("ballast.toml")), results) as (conductor, ticks):
        while line:
            order = json.loads(line)
            if order["crash"] is not None:
                os.environ[VARIABLE] = order["crash"]
            ticks.moment = datetime.fromtimestamp(order["at"], UTC)
            results.clear()
            await conductor.run_due()
            _print({"checked": order["at"], "ticks": results})
            line = await asyncio.to_thread(sys.stdin.readline)


def _print(document: object) -> None:
    # In one stream with the log, so that failures are read before the end of their round.
    sys.stderr.write(f"{json.dumps(document)}\n")
    sys.stderr.flush()


if __name__ == "__main__":
    configure_service_logs()
    asyncio.run(listen())
