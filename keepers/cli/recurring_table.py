"""Recurring rebalancers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from keepers.model.numerals import format_units
from keepers.model.recurring import JobRow

HEADER = ("record", "target", "state", "next run", "required", "available", "failures")
COIN_DECIMALS = 18
HINTS = {
    "unfunded": "supervisor: unfunded; send coins to {handler}, then anybody calls fixReschedule()",
    "unbooked": "supervisor: nobody has booked it; anybody calls fixReschedule() of {handler}",
}


def render_rows(rows: Sequence[JobRow]) -> str:
    """One line for each record, amounts in coins; below, what came of runs that were not done."""
    lines = [HEADER, *map(_cells, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    table = "".join(f"{_line(line, widths)}\n" for line in lines)
    return table + "".join(f"{note}\n" for row in rows for note in _notes(row))


def _notes(row: JobRow) -> list[str]:
    if row.is_supervisor:
        hint = HINTS.get(row.state)
        return [] if hint is None else [hint.format(handler=row.handler)]
    if row.last is None or not row.last.reason:
        return []
    return [f"record {row.number}: last run {row.last.outcome}: {row.last.reason}"]


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _cells(row: JobRow) -> tuple[str, ...]:
    name = f"supervisor, {row.handler}" if row.is_supervisor else f"no rebalancer, {row.handler}"
    return (
        str(row.number),
        row.target or name,
        row.state,
        _time(row.next_run),
        format_units(row.required, COIN_DECIMALS),
        format_units(row.available, COIN_DECIMALS),
        str(row.failures),
    )


def _time(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat(sep=" ") if seconds else "-"
    except (ValueError, OverflowError, OSError):
        return "never"
