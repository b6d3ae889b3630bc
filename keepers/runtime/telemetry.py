"""Telemetry of a run: messages, log and metrics."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from keepers.model.errors.run import StoreUnavailableError
from keepers.model.nodes import NodeHealth
from keepers.model.ports import Notifier, Progress
from keepers.model.transactions.alarms import Alarm
from keepers.runtime.alarm_notices import AlarmNotices
from keepers.store.database import Ledger
from keepers.telemetry import registry
from keepers.telemetry.counters import MetricTelemetry
from keepers.telemetry.exposition import read_file, write_file
from keepers.telemetry.log import LogTelemetry
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.samples import sample_ledger, sample_nodes, sample_notifications


class KeeperTelemetry:
    """The engine's telemetry of one sender: everything goes to the log and is counted.

    With a notifier people are told of alarms as well, which only an armed engine should do.
    """

    def __init__(
        self,
        metrics: Metrics,
        chain_id: int,
        sender: str,
        progress: Progress,
        notifier: Notifier | None = None,
    ) -> None:
        self._metrics = metrics
        self._whose = (chain_id, sender.lower())
        self._counted = MetricTelemetry(metrics, chain_id, sender)
        self._log = LogTelemetry(progress)
        self._notices = None if notifier is None else AlarmNotices(notifier, chain_id, sender)
        self._outage: str | None = None

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        """Record an alarm, which a person should hear of."""
        if alarm is not Alarm.NODES_UNAVAILABLE or self._outage != text:
            self._log.alarm(alarm, text, **facts)
        if alarm is Alarm.NODES_UNAVAILABLE:
            self._outage = text  # as long as it lasts it is logged once
        self._counted.alarm(alarm, text, **facts)
        if self._notices is not None:
            self._notices.alarm(alarm, text)

    def event(self, name: str, **facts: object) -> None:
        """Record an event."""
        if name == "head":
            self._outage = None
        self._log.event(name, **facts)
        self._counted.event(name, **facts)
        if self._notices is not None and name == "head":
            self._notices.begin_pass()

    def end(self) -> None:
        """The engine makes no more passes, and the last one was whole."""
        if self._notices is not None:
            self._notices.end_pass()

    def sample(self, ledger: Ledger, holder: str, healths: Sequence[NodeHealth]) -> None:
        """Measure what is there now; a database that cannot be read stops nothing."""
        chain_id, sender = self._whose
        sample_nodes(self._metrics, chain_id, healths)
        with suppress(StoreUnavailableError):
            now = sample_ledger(self._metrics, ledger, chain_id, sender, holder)
            head_at = self._counted.head_at
            if head_at is not None:
                age = max(0.0, (now - head_at).total_seconds())
                self._metrics.put(registry.HEAD_AGE, age, chain_id)


@contextmanager
def measuring_messages(metrics: Metrics, ledger: Ledger) -> Generator[None]:
    """Measure the messages that wait when this is left, after work that failed too."""
    try:
        yield
    finally:
        with suppress(StoreUnavailableError):  # who cannot read it says so elsewhere
            sample_notifications(metrics, ledger)


@contextmanager
def metrics_file(path: Path | None) -> Generator[Metrics]:
    """Metrics that go on from those of a file, and replace it afterwards, whatever happens.

    Raises:
        InputError: The file cannot be read or written.
    """
    metrics = Metrics()
    if path is None:
        yield metrics
        return
    read_file(metrics, path)
    try:
        yield metrics
    finally:
        write_file(metrics, path)
