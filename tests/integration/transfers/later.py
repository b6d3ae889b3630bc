"""Keeper at a later time: the clocks of its database and of its process are ahead.

`python -m tests.integration.transfers.later SECONDS MODULE ...` runs a module this way.
"""

from __future__ import annotations

import runpy
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from sqlalchemy import text

from keepers.runtime.process.system_clock import SystemClock
from keepers.store import database as clock

NOW = {
    "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now', '+{} seconds')",
    "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC' + interval '{} seconds', "
    "'YYYY-MM-DD\"T\"HH24:MI:SS.US')",
}


@contextmanager
def later(seconds: int) -> Generator[None]:
    """Advance the clocks of the database and of the process by some seconds."""
    texts = {name: text(each.format(seconds)) for name, each in NOW.items()}
    by = timedelta(seconds=seconds)

    def now(_: SystemClock) -> datetime:
        return datetime.now(UTC) + by

    with (
        patch.dict(clock.NOW, texts),
        patch.object(SystemClock, "now", now),
    ):
        yield


if __name__ == "__main__":
    _, ahead, module, *arguments = sys.argv
    sys.argv = [module, *arguments]
    with later(int(ahead)):
        runpy.run_module(module, run_name="__main__", alter_sys=True)
