"""Alarms and events as log lines; alarms also to the person who watches the run."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from keepers.model.transactions.alarms import CRITICAL, Alarm

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FREQUENT = frozenset({"head"})
"""Events of every pass, which only those want who read everything."""


class LogTelemetry:
    """Telemetry to the log at every pass, and of each alarm to a person once."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._say = progress
        self._said: set[tuple[Alarm, str]] = set()

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Record an alarm, which a person should hear of."""
        write = _log.critical if alarm in CRITICAL else _log.warning
        write(str(alarm), problem=text, **facts)
        if (alarm, text) not in self._said:
            self._said.add((alarm, text))
            self._say(f"{alarm.replace('_', ' ')}: {text}")

    def event(self, name: str, **facts: object) -> None:
        """Record an event."""
        write = _log.debug if name in FREQUENT else _log.info
        write(name, **facts)
