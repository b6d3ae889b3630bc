"""Recurring rebalancers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from keepers.domain.recurring import JobRow

HEADER = ("record", "target", "state", "next run", "required", "available", "failures")


def render_rows(rows: Sequence[JobRow]) -> str:
    """One line for each record; amounts in wei."""
    lines = [HEADER, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "".join(f"{_line(line, widths)}\n" for line in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cells(row: JobRow) -> tuple[str, ...]:
    return (
        str(row.number),
        row.target or f"no rebalancer, {row.handler}",
        row.state,
        _time(row.next_run),
        str(row.required),
        str(row.available),
        str(row.failures),
    )


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ") if seconds else "-"
    except (ValueError, OverflowError, OSError):
        return "never"
