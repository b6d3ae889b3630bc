"""Deadline of waits for the database; short during shutdown."""

from __future__ import annotations

import time

LAST_SECONDS = 1.0
"""Maximum wait for one response after the shutdown deadline."""


class Deadline:
    """Limit of every database wait; set by signal handlers, read by every thread."""

    def __init__(self) -> None:
        self._at: float | None = None
        self._gave_up = False

    def end_within(self, seconds: float) -> None:
        """Limit waits to the given time from now, and to `LAST_SECONDS` afterwards."""
        self._at = time.monotonic() + seconds

    def clear(self) -> None:
        """Restore the usual limits."""
        self._at, self._gave_up = None, False

    def allowed(self, usual: float, since: float) -> float:
        """Return the seconds from `since` (`time.monotonic`) that a wait may take."""
        if self._at is None:
            return usual
        if self._gave_up:
            return 0.0
        return min(usual, max(self._at - since, LAST_SECONDS))

    def missed(self) -> None:
        """Record a timeout; during shutdown there is no further wait."""
        self._gave_up = self._at is not None


PROCESS = Deadline()
"""Deadline of this process, common to all its databases."""
