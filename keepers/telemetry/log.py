"""Alarms and events as log lines; alarms also to the person who watches the run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from keepers.model.transactions.alarms import CRITICAL, Alarm
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics

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


class MetricTelemetry:
    """Counts the engine's alarms and events; others are for the log alone."""

    def __init__(self, metrics: Metrics, chain_id: int, sender: str) -> None:
        self._metrics = metrics
        self._chain_id = chain_id
        self._whose = (chain_id, sender.lower())
        self.head_at: datetime | None = None
        for alarm in Alarm:  # a counter that begins with 1 has not risen, to Prometheus
            metrics.count(registry.ALARMS, *self._whose, alarm, by=0)

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Record an alarm, which a person should hear of."""
        del text, facts
        self._metrics.count(registry.ALARMS, *self._whose, alarm)
        if alarm is Alarm.FEE_CAP:
            self._metrics.count(registry.FEE_CAP, *self._whose)

    def event(self, name: str, **facts: Any) -> None:  # noqa: ANN401 - facts of any kind
        """Record an event."""
        metrics, whose = self._metrics, self._whose
        match name:
            case "head":
                self.head_at = facts["at"]
                metrics.put(registry.HEAD, facts["number"], self._chain_id)
            case "signed":
                metrics.count(registry.ATTEMPTS, *whose, facts["kind"].lower())
            case "answered":
                where = (self._chain_id, facts["node"], facts["result"])
                metrics.count(registry.BROADCASTS, *where)
            case "included" if "waited_seconds" in facts:
                metrics.observe(registry.CONFIRMATION_SECONDS, facts["waited_seconds"], *whose)
                metrics.observe(registry.CONFIRMATION_BLOCKS, facts["waited_blocks"], *whose)
            case "ended":
                metrics.count(registry.ENDED, *whose, facts["outcome"].lower())
                metrics.count(registry.GAS_USED, *whose, by=facts.get("gas_used", 0))
                metrics.count(registry.FEES, *whose, by=facts.get("fee_wei", 0))
            case _:
                pass  # for the log alone
