"""A limit as a document: what passes at once, what passes now, and when it is full."""

from __future__ import annotations

from datetime import datetime

from keepers.model.limits import Limit
from keepers.model.numerals import format_units
from keepers.planning.files.canonical import Json


def limit_document(limit: Limit, decimals: int, at: datetime) -> dict[str, Json]:
    """A limit as a block shows it.

    Args:
        limit: The limit.
        decimals: Of what it is counted in.
        at: The block's time.

    Returns:
        `full_at` is when it is full if nothing more passes, None if it is never set.
    """
    wait = limit.wait_for(limit.cap)
    full_at = at + wait if limit.is_set and wait is not None else None
    return {
        "cap": format_units(limit.cap, decimals),
        "available": format_units(limit.available, decimals),
        "period_seconds": limit.period_seconds,
        "full_at": None if full_at is None else full_at.isoformat(),
    }
