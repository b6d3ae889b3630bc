"""Telemetry of the transaction engine: alarms and events as logs and metrics."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import structlog

from keepers.model.alarms import CRITICAL, Alarm
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

FREQUENT = frozenset({"head"})
"""Events of every pass, logged at debug level."""


class LogTelemetry:
    """Telemetry to the log; each alarm is also reported once as a progress line."""

    def __init__(self, progress: Callable[[str], None]) -> None:
        self._report = progress
        self._reported: set[tuple[Alarm, str]] = set()

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Record an alarm."""
        write = _log.critical if alarm in CRITICAL else _log.warning
        write(str(alarm), problem=text, **facts)
        if (alarm, text) not in self._reported:
            self._reported.add((alarm, text))
            self._report(f"{alarm.replace('_', ' ')}: {text}")

    def event(self, name: str, **facts: object) -> None:
        """Record an event."""
        write = _log.debug if name in FREQUENT else _log.info
        write(name, **facts)


class MetricTelemetry:
    """Telemetry to the metrics of one sender; events without a metric are ignored."""

    def __init__(self, metrics: Metrics, chain_id: int, sender: str) -> None:
        self._metrics = metrics
        self._chain_id = chain_id
        self._sender = (chain_id, sender.lower())
        self.head_at: datetime | None = None
        for alarm in Alarm:  # Prometheus sees no increase in a counter that starts at 1
            metrics.count(registry.ALARMS, *self._sender, alarm, by=0)

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Record an alarm."""
        del text, facts
        self._metrics.count(registry.ALARMS, *self._sender, alarm)
        if alarm is Alarm.FEE_CAP:
            self._metrics.count(registry.FEE_CAP, *self._sender)

    def event(self, name: str, **facts: Any) -> None:  # noqa: ANN401 - facts of any kind
        """Record an event."""
        metrics, sender = self._metrics, self._sender
        match name:
            case "head":
                self.head_at = facts["at"]
                metrics.put(registry.HEAD, facts["number"], self._chain_id)
            case "signed":
                metrics.count(registry.ATTEMPTS, *sender, facts["kind"].lower())
            case "answered":
                node = (self._chain_id, facts["node"], facts["result"])
                metrics.count(registry.BROADCASTS, *node)
            case "included" if "waited_seconds" in facts:
                metrics.observe(registry.CONFIRMATION_SECONDS, facts["waited_seconds"], *sender)
                metrics.observe(registry.CONFIRMATION_BLOCKS, facts["waited_blocks"], *sender)
            case "ended":
                metrics.count(registry.ENDED, *sender, facts["outcome"].lower())
                metrics.count(registry.GAS_USED, *sender, by=facts.get("gas_used", 0))
                metrics.count(registry.FEES, *sender, by=facts.get("fee_wei", 0))
            case _:
                pass  # logged only
