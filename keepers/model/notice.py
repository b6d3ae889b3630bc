"""Notifications of operators: trouble, requests and reports; and their outbox."""

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
        key: What it is about. While it is open, the same is not sent again; when it is over,
            a message says so.
        severity: How soon somebody should look.
        title: One line.
        text: What is wrong or done, where, and what to do.
    """

    key: str
    severity: Severity
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Notification:
    """Notices of one moment, and the keys that are over with a text each."""

    notices: tuple[Notice, ...] = ()
    over: tuple[tuple[str, str], ...] = ()


NOTHING = Notification()


def trouble_key(vault: str) -> str:
    """Return the key of the trouble of a vault's runs."""
    return f"run:{vault}"


class MessageKind(StrEnum):
    """Kind of a message: first notice, reminder while it goes on, or end."""

    REPORT = "REPORT"
    REMINDER = "REMINDER"
    RECOVERY = "RECOVERY"


class MessageState(StrEnum):
    """State of a message. Every state but QUEUED is final.

    SKIPPED is for nobody: it is below the least severity, or there is nowhere to send to. FAILED
    was given up after its last try.
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
"""Legal moves of a message."""


RANK = {severity: rank for rank, severity in enumerate(Severity)}
"""Severities by their order, the lightest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A message as it is sent.

    Attributes:
        message_id: Its number; messages are sent in their order.
        tries: Which try this is, from 1 on.
        destinations: Who shall get it now.
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
    """Counts of messages that wait, were given up in a day, and are open, by severity."""

    waiting: int
    oldest_seconds: float
    failed: int
    open: dict[Severity, int]
