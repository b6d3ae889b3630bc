"""Points in time of a chain, for people."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_text(seconds: int) -> str:
    """A Unix time as a date and a time in UTC."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
