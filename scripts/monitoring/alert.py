"""Declaration of an alert."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """Urgency of an alert."""

    WARNING = "warning"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert rule.

    Attributes:
        name: Its name, in capitals as Prometheus has it.
        level: The severity.
        when: When it fires, in words.
        expr: When it fires, in PromQL.
        lasting: For how long that must be so, as in `5m`.
        summary: One line, which may have labels in it.
        action: What to do.
    """

    name: str
    level: Level
    when: str
    expr: str
    lasting: str = "0m"
    summary: str
    action: str
