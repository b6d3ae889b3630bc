"""Status of recurring rebalancers as a document and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from rich import box

from keepers.model.json_document import Json
from keepers.model.money import format_units
from keepers.model.recurring import JobRow
from keepers.reports.terminal import Listing, rendered

HEADER = ("record", "target", "state", "next run", "required", "available", "failures")
AMOUNTS = ("payout", "required", "available")
COIN_DECIMALS = 18
HINTS = {
    "unfunded": "supervisor: unfunded; send native tokens to {handler}, then any account can call "
    "fixReschedule()",
    "unbooked": "supervisor: not booked; any account can call fixReschedule() of {handler}",
}


def recurring_document(rows: Sequence[JobRow], earned: int | None) -> dict[str, Json]:
    """Return all records; amounts are in wei, as text.

    Args:
        rows: The records.
        earned: Native token amount earned by an executor, if requested.
    """
    records = [asdict(each) | {name: str(getattr(each, name)) for name in AMOUNTS} for each in rows]
    return {"rebalancers": list[Json](records), "earned": None if earned is None else str(earned)}


def render_rows(rows: Sequence[JobRow], width: int | None = None) -> str:
    """Render a line per record in native tokens, then the failed runs."""
    table = Listing(HEADER, [_cells(each) for each in rows], box.SIMPLE_HEAD, pad_edge=False)
    return rendered([table], width) + "".join(f"{note}\n" for row in rows for note in _notes(row))


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
