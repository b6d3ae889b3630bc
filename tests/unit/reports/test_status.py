"""Tests of `ballast status` in a terminal: tables of limits, and reasons that block the plan."""

from io import StringIO
from typing import Any

from rich.console import Console

from keepers.model.limits import Limit
from keepers.reports.status_text import (
    TREASURY_LIMIT,
    limit_title,
    plan_lines,
    print_vault,
    table_of,
    treasury_limit,
)
from keepers.reports.vault_status import usage_text

KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
LIMIT = {
    "limit": "LOSS_REDUCING",
    "keeper": KEEPER,
    "available": "1400000.5",
    "cap": "2000000",
    "period_seconds": 86_400,
    "full_at": "2026-11-29T23:09:45+00:00",
}
PLANNED = {
    "asset": "WETH",
    "available": "943.287037",
    "cap": "500000",
    "period_seconds": 86_400,
    "full_at": "2026-11-24T09:00:00+00:00",
}
PLAN: dict[str, Any] = {
    "buys": "250",
    "approvals": 1,
    "passes_at": "2026-11-24T09:00:00+00:00",
    "untradable": [],
}
BOND = "OTC-BOND is left out: its venue offers no quotes"
WETH = "WETH is not bought: its price is old"


def document(**changed: Any) -> dict[str, Any]:
    """Return a status document; its tiers do not matter here."""
    layer = dict.fromkeys(("tier", "value", "ratio", "target", "deviation", "min", "max"), "1")
    whole: dict[str, Any] = {
        "vault": "main",
        "chain_id": 1,
        "settlement": {"symbol": "USDC", "decimals": 6},
        "block": {"number": 7, "at": "2026-11-24T08:00:00+00:00"},
        "total_assets": "1000",
        "layers": [layer | {"within_bounds": True}],
        "holdings": [],
        "limits": [LIMIT, LIMIT | {"keeper": None, "full_at": None}],
        "planned_limits": [PLANNED],
        "plan": PLAN,
        "left_out": [],
        "paused": False,
        "pauses": [],
        "waiting_for_gas": [],
    }
    return whole | changed


def printed(width: int = 140, **changed: Any) -> str:
    out = StringIO()
    print_vault(Console(file=out, width=width), document(**changed))
    return out.getvalue()


def limits_table(text: str, title: str) -> str:
    """Return the table under a title."""
    return text.split(title)[1].split("\n└", maxsplit=1)[0].partition("\n")[2]


def test_limits__full_row__fits_80_columns() -> None:
    table = limits_table(printed(), "Limits without an approved plan")
    assert max(len(line) for line in table.splitlines()) <= 80
    assert "0x7099…79C8" in table
    assert "2026-11-29 23:09" in table


def test_limits__no_keeper__is_of_all_keepers() -> None:
    table = limits_table(printed(), "Limits without an approved plan")
    assert "None" not in table
    assert "all" in table.split()


def test_limits__any__say_unit_used_left_and_when_they_refill() -> None:
    text = printed()
    assert (
        "Limits without an approved plan, and on losses, in USDC; used amounts refill steadily, "
        "completely in 24 h"
    ) in text
    table = limits_table(text, "Limits without an approved plan")
    assert all(name in table for name in ("maximum", "used", "left", "full at (UTC)"))
    assert all(cell in table for cell in ("sale loss", "2000000", "599999.5", "1400000.5"))


def test_planned_purchases__each_asset__has_what_its_limit_admits_and_when_it_is_full() -> None:
    """O14: the first run of a new vault was refused by a limit that the status did not show."""
    text = printed(width=80)
    table = text.split("Limits on purchases by approved plans, in USDC")[1]
    assert all(name in table for name in ("asset", "maximum", "used", "left", "full at (UTC)"))
    assert all(cell in table for cell in ("WETH", "943.287037", "500000", "499056.712963"))
    assert "2026-11-24 09:00" in table


def test_limit_title__several_periods__names_each_and_none_names_none() -> None:
    rows = [{"period_seconds": 86_400}, {"period_seconds": 5_400}]
    assert limit_title("Limits", "USD", rows).endswith("completely in 90 min or 24 h")
    assert limit_title("Limits", "USD", []) == "Limits, in USD"


def test_treasury_limits__keeper_and_route__have_their_unit() -> None:
    common = {"chain": "one", "available": "1", "cap": "3", "period_seconds": 60, "full_at": None}
    rows = [
        treasury_limit({**common, "limit": "AUTOMATIC", "asset": None, "of": KEEPER}),
        treasury_limit({**common, "limit": "ROUTE", "asset": "USDT", "of": "OFT"}),
    ]
    out = StringIO()
    Console(file=out, width=140).print(table_of(TREASURY_LIMIT, rows))
    first, second = (each.split() for each in out.getvalue().splitlines()[3:5])
    assert [cell for cell in first if cell in {"USD", "3", "2", "1"}] == ["USD", "3", "2", "1"]
    assert [cell for cell in second if cell in {"USDT", "OFT"}] == ["OFT", "USDT"]


def test_usage__limit__says_left_of_maximum_and_period() -> None:
    limit = Limit(200_000_000, 150_000_000, 7_200)
    assert usage_text(limit, 6, "USDC") == "150 of 200 USDC left, refills in 2 h"


def test_plan__something_can_be_traded__says_when_it_passes() -> None:
    (line,) = plan_lines(PLAN, "USDC")
    assert line == (
        "A plan that buys 250 USDC with 1 approval(s) passes the limits from 2026-11-24 09:00 UTC "
        "on."
    )


def test_plan__nothing_can_be_traded__says_so_with_a_line_per_reason_and_no_time() -> None:
    left_out = [{"text": BOND}, {"text": WETH}, {"text": "FUND is not sold: it is paused"}]
    text = printed(plan=PLAN | {"untradable": [BOND, WETH]}, left_out=left_out)
    lines = text.splitlines()
    start = lines.index("Nothing of the plan that buys 250 USDC can be traded now:")
    assert lines[start + 1 : start + 4] == [BOND, WETH, "FUND is not sold: it is paused"]
    assert text.count(BOND) == 1
    assert "passes the limits" not in text


def test_plan__none__says_nothing() -> None:
    assert list(plan_lines(None, "USDC")) == []
