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
        name: Name in Prometheus, in CamelCase.
        level: Severity.
        when: Condition in words.
        expr: Condition in PromQL.
        lasting: Duration for which the condition must hold, such as `5m`.
        summary: One line, which may contain labels.
        action: Remedy.
    """

    name: str
    level: Level
    when: str
    expr: str
    lasting: str = "0m"
    summary: str
    action: str
