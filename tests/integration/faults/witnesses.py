"""What the engine is given that remembers: an auditor, a clock, and who hears of alarms."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import Unsigned
from keepers.model.transactions.alarms import Alarm

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@dataclass
class RecordingAuditor:
    """The real one, and what it was asked."""

    real: PolicyAuditor
    asked: list[Unsigned] = field(default_factory=list[Unsigned])

    def audit(self, transaction: Unsigned, sender: str) -> None:
        self.asked.append(transaction)
        self.real.audit(transaction, sender)


@dataclass
class SteppedClock:
    """Seconds that pass where somebody waits, or where a test says so."""

    seconds: float = 0.0

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)


@dataclass
class Listener:
    """Keeps what it is told."""

    alarms: list[tuple[Alarm, str]] = field(default_factory=list[tuple[Alarm, str]])
    events: list[tuple[str, dict[str, Any]]] = field(
        default_factory=list[tuple[str, dict[str, Any]]]
    )

    def alarm(self, alarm: Alarm, text: str, **facts: object) -> None:
        del facts
        self.alarms.append((alarm, text))

    def event(self, name: str, **facts: object) -> None:
        self.events.append((name, dict(facts)))

    @property
    def kinds(self) -> set[Alarm]:
        """What was raised."""
        return {alarm for alarm, _ in self.alarms}
