"""`ballast status` fits a terminal of 80 columns."""

from io import StringIO

from rich.console import Console

from keepers.reports.status_text import LIMIT, PLANNED, table_of

KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
ROW = {
    "limit": "LOSS_REDUCING",
    "keeper": KEEPER,
    "available": "2000000",
    "cap": "2000000",
    "full_at": "2026-11-29T23:09:45+00:00",
}


def test_limits__full_row__fits_80_columns() -> None:
    out = StringIO()
    Console(file=out, width=140).print(table_of(LIMIT, [ROW]))

    assert max(len(line) for line in out.getvalue().splitlines()) <= 80
    assert "0x7099…79C8" in out.getvalue()
    assert "2026-11-29 23:09" in out.getvalue()


def test_limits__no_keeper__stays_empty() -> None:
    out = StringIO()
    Console(file=out, width=140).print(table_of(LIMIT, [ROW | {"keeper": None, "full_at": None}]))

    assert "None" not in out.getvalue()


def test_planned_purchases__each_asset__has_what_its_limit_admits_and_when_it_is_full() -> None:
    """O14: a new vault's first run was refused by a limit that no line showed."""
    row = {
        "asset": "WETH",
        "available": "943.287037",
        "cap": "500000",
        "period_seconds": 86_400,
        "full_at": "2026-11-24T09:00:00+00:00",
    }
    out = StringIO()
    Console(file=out, width=80).print(table_of(PLANNED, [row]))

    text = out.getvalue()
    assert all(word in text for word in ("asset", "available", "cap", "full at"))
    assert all(word in text for word in ("WETH", "943.287037", "500000", "2026-11-24 09:00"))
