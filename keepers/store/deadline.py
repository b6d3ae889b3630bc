"""Deadline of waits for the database; short once the process has been asked to end."""

from __future__ import annotations

import time

LAST_SECONDS = 1.0
"""How long a process that ends waits at most for one answer after its deadline."""


class Deadline:
    """Limits each wait for a database; written by signal handlers, read by every thread."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._gave_up = False

    def end_within(self, seconds: float) -> None:
        """Wait for answers until then, and after that only shortly."""
        self._at = time.monotonic() + seconds

    def clear(self) -> None:
        """Wait as long as usual again."""
        self._at, self._gave_up = None, False

    def allowed(self, usual: float, since: float) -> float:
        """Seconds from `since`, of `time.monotonic`, that a wait may take."""
        if self._at is None:
            return usual
        if self._gave_up:
            return 0.0
        return min(usual, max(self._at - since, LAST_SECONDS))

    def missed(self) -> None:
        """Record a missed answer; a process that ends waits for no other one."""
        self._gave_up = self._at is not None


PROCESS = Deadline()
"""The one of this process: all its databases are waited for until the same moment."""
