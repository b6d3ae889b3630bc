"""Checks that are due at once: schedules that are never due, and a missed tick."""

from __future__ import annotations

from datetime import timedelta

from keepers.store.database import open_database
from keepers.store.ticks import TickRepository, clock_lease

NEVER = "0 0 1 1 *"
SCHEDULE = f"""
[schedule]
events = "{NEVER}"
liquidity = "{NEVER}"
threshold = "{NEVER}"
daily = "{NEVER}"

[service]
listen = "127.0.0.1:0"
look_seconds = "0.05"
"""
"""Settings of a keeper that makes only the checks whose tick it has missed."""


def miss(database: str, name: str, schedule: str) -> None:
    """Store a tick, missed long ago, of a check of a vault or of the treasuries."""
    ledger = open_database(database)
    lease = clock_lease(ledger, name, holder="test", seconds=60)
    lease.acquire()
    ticks = TickRepository(ledger, name, lease)
    ticks.begin(f"{name}:{schedule}", ticks.now() - timedelta(days=500))
    lease.release()
    ledger.close()
