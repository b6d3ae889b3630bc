"""Telemetry of a run: messages, log and metrics."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from keepers.model.alarms import CRITICAL, WORDS, Alarm
from keepers.model.chain import NodeHealth
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.notice import Notice, Severity
from keepers.model.ports import Notifier, Progress
from keepers.store.database import Database
from keepers.store.messages import without_figures
from keepers.telemetry import registry
from keepers.telemetry.engine import LogTelemetry, MetricTelemetry
from keepers.telemetry.metrics import Metrics, read_file, write_file
from keepers.telemetry.samples import sample_nodes, sample_sender

EARLY = frozenset({Alarm.NODES_UNAVAILABLE, Alarm.HEAD_STALLED})
"""Alarms that are checked by every pass in which nodes respond."""

STOPPING = frozenset({Alarm.PAUSED, Alarm.FINALITY_BROKEN})
"""Alarms after which a pass stops its checks, so that other alarms remain unknown."""

LATER = frozenset({Alarm.HEAD_STALLED})
"""Alarms that the first pass of an engine cannot detect."""

REPEAT_SECONDS = 600.0
"""Seconds between reports of a lasting alarm; no database write happens in between."""


@dataclass(slots=True)
class _ReportedAlarm:
    """Reported alarm, with its texts and the time of its last report."""

    notice: Notice
    texts: set[str]
    at: float


class AlarmNotices:
    """Notices of the alarms of one sender with an armed engine; an unarmed one checks less.

    A pass starts when a head is seen.
    """

    def __init__(
        self,
        notifier: Notifier,
        chain_id: int,
        sender: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notifier = notifier
        self._whose = f"{chain_id}:{sender.lower()}"
        self._where = f"key {sender} on chain {chain_id}"
        self._clock = clock
        self._reported: dict[Alarm, _ReportedAlarm] = {}
        self._raised: set[Alarm] = set()
        self._unknown = set(Alarm)  # an earlier process may have left any alarm open
        self._in_pass = False
        self._is_first = True

    def alarm(self, alarm: Alarm, text: str) -> None:
        """Report an alarm; each of its texts once while the alarm lasts."""
        self._raised.add(alarm)
        now, reported = self._clock(), self._reported.get(alarm)
        plain = without_figures(text)
        if reported is None or plain not in reported.texts:
            notice = self._notice(alarm, text)
            texts = set[str]() if reported is None else reported.texts
            self._reported[alarm] = _ReportedAlarm(notice, texts | {plain}, now)
            self._notifier.report(notice)
        elif now - reported.at >= REPEAT_SECONDS:
            reported.at = now
            self._notifier.report(reported.notice)

    def begin_pass(self) -> None:
        """Start a pass at a new head; alarms that the previous pass did not raise are over."""
        self.end_pass()
        self._raised.clear()
        self._in_pass = True

    def end_pass(self) -> None:
        """End a pass; alarms that it did not raise are over. A check often has only one pass."""
        if not self._in_pass:
            return
        silent = (self._reported.keys() | self._unknown) - self._raised
        for alarm in sorted(silent & self._watched()):
            self._notifier.recovered(self._key(alarm), f"{self._where}: resolved")
            self._reported.pop(alarm, None)
            self._unknown.discard(alarm)
        self._in_pass, self._is_first = False, False

    def _watched(self) -> frozenset[Alarm]:
        """Return the alarms that are over if the last pass did not raise them."""
        if Alarm.NODES_UNAVAILABLE in self._raised:
            return frozenset()
        found = EARLY if self._raised & STOPPING else frozenset(Alarm)
        return found - LATER if self._is_first else found

    def _notice(self, alarm: Alarm, text: str) -> Notice:
        severity = Severity.CRITICAL if alarm in CRITICAL else Severity.WARNING
        return Notice(
            key=self._key(alarm),
            severity=severity,
            title=WORDS[alarm],
            text=f"{self._where}: {text}",
        )

    def _key(self, alarm: Alarm) -> str:
        return f"sender:{self._whose}:{alarm}"


class KeeperTelemetry:
    """Telemetry of one sender's engine: everything is logged and counted.

    With a notifier, alarms also become notices, which only an armed engine should send.
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
        """Record an alarm that operators should see."""
        if alarm is not Alarm.NODES_UNAVAILABLE or self._outage != text:
            self._log.alarm(alarm, text, **facts)
        if alarm is Alarm.NODES_UNAVAILABLE:
            self._outage = text  # a lasting outage is logged once
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
        """End the telemetry after a complete last pass."""
        if self._notices is not None:
            self._notices.end_pass()

    def sample(self, database: Database, holder: str, healths: Sequence[NodeHealth]) -> None:
        """Measure the current state; an unreadable database stops nothing."""
        chain_id, sender = self._whose
        sample_nodes(self._metrics, chain_id, healths)
        with suppress(StoreUnavailableError):
            now = sample_sender(self._metrics, database, chain_id, sender, holder)
            head_at = self._counted.head_at
            if head_at is not None:
                age = max(0.0, (now - head_at).total_seconds())
                self._metrics.put(registry.HEAD_AGE, age, chain_id)


@contextmanager
def metrics_file(path: Path | None) -> Generator[Metrics]:
    """Continue the metrics of a file, and always write them back at the end."""
    metrics = Metrics()
    if path is None:
        yield metrics
        return
    read_file(metrics, path)
    try:
        yield metrics
    finally:
        write_file(metrics, path)
