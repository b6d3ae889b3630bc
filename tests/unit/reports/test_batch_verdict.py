"""T8: a source chain that keeps more than its base is reported as above it, not at it."""

from __future__ import annotations

from typing import Any

import pytest

from keepers.reports.batch_text import render_batch

NOTHING: dict[str, list[Any]] = {
    name: [] for name in ("approvals", "openings", "transfers", "placements", "verification")
}


@pytest.mark.parametrize(
    ("above", "told"),
    [
        ("16000", "16000 above its base"),
        ("0", "at its base"),
        ("-3.5", "3.5 BELOW its base"),
        (None, "its base is unknown"),
    ],
)
def test_verification__chain__says_how_far_it_is_from_its_base(
    above: str | None, told: str
) -> None:
    row: dict[str, Any] = {
        "role": "source",
        "chain": "EVM-10",
        "asset": "USDC",
        "above_base": above,
    }
    row |= {"before": "25000", "after": "24000", "base": "8000"}
    document: dict[str, Any] = {
        "id": "b1",
        "origin": "RULEBOOK",
        "state": "DONE",
        "created_at": "",
        "reason": None,
    }
    text = render_batch({**document, "ended_at": None, **NOTHING, "verification": [row]})
    assert f"source EVM-10, USDC: from 25000 to 24000, base 8000: {told}\n" in text
