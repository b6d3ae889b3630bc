"""What people are told by message: trouble, what they are asked for, and reports."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How soon somebody should look."""

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
class Telling:
    """What people are told at one moment: messages, and the keys that are over with a text each."""

    notices: tuple[Notice, ...] = ()
    over: tuple[tuple[str, str], ...] = ()


NOTHING = Telling()


def trouble_key(vault: str) -> str:
    """What the trouble of a vault's runs goes by, while it is not over."""
    return f"run:{vault}"
