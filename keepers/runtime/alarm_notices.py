"""The engine's alarms as notices: told when they come, and when a whole pass went without them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from keepers.model.notice import Notice, Severity
from keepers.model.ports import Notifier
from keepers.model.transactions.alarms import CRITICAL, WORDS, Alarm
from keepers.store.messages import without_figures

EARLY = frozenset({Alarm.NODES_UNAVAILABLE, Alarm.HEAD_STALLED})
"""What every pass looks at that nodes answer."""

STOPPING = frozenset({Alarm.PAUSED, Alarm.FINALITY_BROKEN})
"""After one of these a pass looks at nothing more, so its silence about others means nothing."""

LATER = frozenset({Alarm.HEAD_STALLED})
"""What the first pass of an engine cannot see."""

REPEAT_SECONDS = 600.0
"""How often an alarm that goes on is looked up; in between the database is left alone."""


@dataclass(slots=True)
class _Told:
    """An alarm that was told, every text of it, and when it was last looked up."""

    notice: Notice
    texts: set[str]
    at: float


class AlarmNotices:
    """Alarms of one sender whose engine is armed, as an unarmed one does not look at everything.

    A pass begins when the head is seen.
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
        self._told: dict[Alarm, _Told] = {}
        self._raised: set[Alarm] = set()
        self._unknown = set(Alarm)  # an earlier process may have left any of them open
        self._in_pass = False
        self._is_first = True

    def alarm(self, alarm: Alarm, text: str) -> None:
        """Tell of an alarm, unless this was told; each text once while it goes on."""
        self._raised.add(alarm)
        now, told = self._clock(), self._told.get(alarm)
        plain = without_figures(text)
        if told is None or plain not in told.texts:
            notice = self._notice(alarm, text)
            texts = set[str]() if told is None else told.texts
            self._told[alarm] = _Told(notice, texts | {plain}, now)
            self._notifier.report(notice)
        elif now - told.at >= REPEAT_SECONDS:
            told.at = now
            self._notifier.report(told.notice)

    def begin_pass(self) -> None:
        """The head was seen: what the pass before this one did not raise is over."""
        self.end_pass()
        self._raised.clear()
        self._in_pass = True

    def end_pass(self) -> None:
        """What the last pass did not raise is over; a check often has one pass alone."""
        if not self._in_pass:
            return
        silent = (self._told.keys() | self._unknown) - self._raised
        for alarm in sorted(silent & self._looked_at()):
            self._notifier.recovered(self._key(alarm), f"{self._where}: not so any more")
            self._told.pop(alarm, None)
            self._unknown.discard(alarm)
        self._in_pass, self._is_first = False, False

    def _looked_at(self) -> frozenset[Alarm]:
        """About what the silence of the last pass says that it is over."""
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
