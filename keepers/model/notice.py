"""Notifications for operators (trouble, requests, reports) and their outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Severity(StrEnum):
    """Urgency of a notice."""

    INFO = "INFO"
    WARNING = "WARNING"
    CRITICAL = "CRITICAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message.

    Attributes:
        key: Key of the subject. While it is open, the same notice is not sent again; a message is
            sent when it is resolved.
        severity: Urgency.
        title: Title, one line.
        text: The problem or result, its location, and what to do.
    """

    key: str
    severity: Severity
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Notification:
    """New notices, and the resolved keys with a text each."""

    notices: tuple[Notice, ...] = ()
    over: tuple[tuple[str, str], ...] = ()


NOTHING = Notification()


def trouble_key(vault: str) -> str:
    """Return the key of the trouble of a vault's runs."""
    return f"run:{vault}"


class MessageKind(StrEnum):
    """Kind of a message: first notice, reminder while the key is open, or resolution."""

    REPORT = "REPORT"
    REMINDER = "REMINDER"
    RECOVERY = "RECOVERY"


class MessageState(StrEnum):
    """State of a message. Every state but QUEUED is final.

    SKIPPED: below the minimum severity, or no destination is configured. FAILED: given up after the
    last attempt.
    """

    QUEUED = "QUEUED"
    SENT = "SENT"
    SKIPPED = "SKIPPED"
    FAILED = "FAILED"


MESSAGE_MOVES: Mapping[MessageState | None, frozenset[MessageState]] = MappingProxyType(
    {
        None: frozenset({MessageState.QUEUED}),
        MessageState.QUEUED: frozenset(MessageState) - {MessageState.QUEUED},
    }
)
"""Legal transitions of a message."""


RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""Rank of each severity, lowest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Message to send.

    Attributes:
        message_id: Sequence number; messages are sent in this order.
        tries: Number of this attempt, starting at 1.
        destinations: Destinations of this attempt.
    """

    message_id: int
    kind: MessageKind
    severity: Severity
    title: str
    text: str
    tries: int
    destinations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxCounts:
    """Counts of queued messages, messages failed within a day, and open keys by severity."""

    waiting: int
    oldest_seconds: float
    failed: int
    open: dict[Severity, int]
