"""Connections to PostgreSQL with bounded waits, even when the network fails.

An unreachable server sends nothing, not even an error, so its own timeouts do not help. TCP detects
the loss only after minutes, or never if a middlebox still acknowledges packets.
"""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any, TypeVar

from psycopg import Connection, OperationalError
from psycopg.abc import PQGen

from keepers.store.deadline import PROCESS

T = TypeVar("T")
ANSWER_SECONDS = 7.0
"""Timeout of one response; the server's own timeouts are shorter."""

INTERVAL_SECONDS = 0.1
"""Interval at which a wait checks its timeout."""


class BoundedConnection(Connection[Any]):
    """Connection that is closed if a response does not arrive in time."""

    answer_seconds: float = ANSWER_SECONDS

    def wait(
        self, gen: PQGen[T], interval: float = INTERVAL_SECONDS, timeout: float | None = None
    ) -> T:
        """Wait for a response.

        Raises:
            OperationalError: No response in time; the connection is closed.
        """
        started = time.monotonic()
        try:
            return super().wait(_bounded(gen, started, self.answer_seconds), interval, timeout)
        except _NoAnswerError:
            PROCESS.missed()
            self.pgconn.finish()
            seconds = time.monotonic() - started
            raise OperationalError(f"no response from the server in {seconds:.0f} s") from None


class _NoAnswerError(Exception):
    """The timeout has passed."""


def _bounded(gen: PQGen[T], started: float, seconds: float) -> Generator[Any, Any, T]:
    """Continue a wait until its timeout."""
    try:
        wanted = next(gen)
        while True:
            ready = yield wanted
            if not ready and time.monotonic() - started >= PROCESS.allowed(seconds, started):
                raise _NoAnswerError
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value


def connect_bounded(*args: Any, **kwargs: Any) -> BoundedConnection:  # noqa: ANN401 - the driver's
    """Open a connection within `connect_timeout` seconds and the process's deadline.

    Raises:
        OperationalError: The server does not respond.
    """
    if PROCESS.allowed(1.0, time.monotonic()) <= 0:
        raise OperationalError("the keeper is stopping, and the server does not respond")
    return BoundedConnection.connect(*args, **kwargs)
