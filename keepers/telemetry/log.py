"""Alarms and events as log lines, and alarms to who watches the run as well."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from keepers.model.transactions.alarms import CRITICAL, Alarm

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FREQUENT = frozenset({"head"})
"""Events of every pass, which only those want who read everything."""


class LogTelemetry:
    """The engine's telemetry; a person hears of each alarm once, the log at every pass."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._said: set[tuple[Alarm, str]] = set()

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Something that a person should hear of."""
        write = _log.critical if alarm in CRITICAL else _log.warning
        write(str(alarm), problem=text, **facts)
        if (alarm, text) not in self._said:
            self._said.add((alarm, text))
            self._say(f"{alarm.replace('_', ' ')}: {text}")

    def event(self, name: str, **facts: object) -> None:
        """Something that happened."""
        write = _log.debug if name in FREQUENT else _log.info
        write(name, **facts)
