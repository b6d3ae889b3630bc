"""Recurring rebalancers for a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from rich import box
from rich.text import Text

from keepers.model.numerals import format_units
from keepers.model.recurring import JobRow
from keepers.reports.terminal import Listing, rendered

HEADER = ("record", "target", "state", "next run", "required", "available", "failures")
COIN_DECIMALS = 18
HINTS = {
    "unfunded": "supervisor: unfunded; send coins to {handler}, then anybody calls fixReschedule()",
    "unbooked": "supervisor: nobody has booked it; anybody calls fixReschedule() of {handler}",
}


def render_rows(rows: Sequence[JobRow], width: int | None = None) -> str:
    """Return a line for each record, amounts in coins, then outcomes of runs that were not done."""
    table = Listing(HEADER, [_cells(each) for each in rows], box.SIMPLE_HEAD, pad_edge=False)
    notes = [Text(note) for row in rows for note in _notes(row)]
    return rendered([table, *notes], width)


def _notes(row: JobRow) -> list[str]:
    if row.is_supervisor:
        hint = HINTS.get(row.state)
        return [] if hint is None else [hint.format(handler=row.handler)]
    if row.last is None or not row.last.reason:
        return []
    return [f"record {row.number}: last run {row.last.outcome}: {row.last.reason}"]


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
