"""The engine's alarms and events as metrics of one sender."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from keepers.model.transactions.alarms import Alarm
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics


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
