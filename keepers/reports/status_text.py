"""Terminal text of the status documents of a vault and of all treasuries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any

from rich.console import Console
from rich.text import Text

from keepers.model.money import format_exact
from keepers.reports.amounts import one_line, period_text, short
from keepers.reports.terminal import Listing

LAYER = ("tier", "value", "ratio", "target", "deviation", "min", "max", "within_bounds")
HOLDING = ("tier", "symbol", "balance", "value", "weight", "target")
PLANNED = ("asset", "maximum", "used", "left", "full_at")
LIMIT = ("limit", "keeper", "maximum", "used", "left", "full_at")
LIMIT_NAMES = {
    "AUTOMATIC": "purchases",
    "REDUCING": "sales",
    "LOSS_ADDING": "purchase loss",
    "LOSS_REDUCING": "sale loss",
}
TREASURY_LIMIT_NAMES = {
    "AUTOMATIC": "transfers and investments",
    "REDUCING": "divestments",
    "ROUTE": "route",
    "VENUE": "venue",
}
HEADINGS = {"full_at": "full at (UTC)", "stands": "state", "under_way": "in progress"}

STATUS_WIDTH = 140
"""Width if the output is not a terminal, so that no number is cut."""
BALANCE = ("chain", "idle", "invested", "under_way", "effective", "base", "threshold", "stands")
TREASURY_LIMIT = ("chain", "limit", "of", "unit", "maximum", "used", "left", "full_at")


def print_vault(console: Console, document: Mapping[str, Any]) -> None:
    """Print a vault's status document."""
    symbol, block = document["settlement"]["symbol"], document["block"]
    console.print(
        Text(
            f"{document['vault']} on chain {document['chain_id']}, block {block['number']} of "
            f"{block['at']}: {document['total_assets']} {symbol}"
        )
    )
    if document["layers"][0]["within_bounds"] is None:
        console.print(Text("The vault has no assets."))
    console.print(table_of(LAYER, document["layers"]))
    console.print(table_of(HOLDING, document["holdings"]))
    limits, planned = document["limits"], document["planned_limits"]
    console.print(
        Text(limit_title("Limits without an approved plan, and on losses", symbol, limits))
    )
    console.print(table_of(LIMIT, [_vault_limit(each) for each in limits]))
    console.print(Text(limit_title("Limits on purchases by approved plans", symbol, planned)))
    console.print(table_of(PLANNED, [_usage(each) for each in planned]))
    _print_trading(console, document, symbol)
    if document["paused"]:
        console.print(Text("The controller is paused."))
    pauses: list[dict[str, Any]] = document["pauses"] or []
    for each in pauses:
        text = f"{each['scope']} is paused by {each['paused_by']}: {each['reason']}"
        console.print(Text(one_line(text)))
    if document["pauses"] is None:
        console.print(Text(one_line(f"Pauses are unknown: {document['pauses_problem']}")))
    for line in price_lines(document):
        console.print(Text(line), soft_wrap=True)


def price_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line per piece of work that waits for a lower gas price."""
    if document["waiting_for_gas"] is None:
        yield "The transactions that wait for a gas price are unknown."
        return
    for each in document["waiting_for_gas"]:
        yield one_line(each["text"])


def _print_trading(console: Console, document: Mapping[str, Any], symbol: str) -> None:
    """Print when the current plan can pass, and each left-out holding once."""
    plan = document["plan"]
    for line in plan_lines(plan, symbol):
        console.print(Text(one_line(line)), soft_wrap=True)
    printed: list[str] = [] if plan is None else plan["untradable"]
    for each in document["left_out"]:
        if each["text"] not in printed:
            console.print(Text(one_line(each["text"])), soft_wrap=True)


def table_of(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Listing:
    """Return a table of the rows of a `status` document, within 80 columns."""
    return Listing(
        [HEADINGS.get(column, column.replace("_", " ")) for column in columns],
        [[_cell(_short(column, row[column])) for column in columns] for row in rows],
    )


def _short(column: str, value: object) -> object:
    """Shorten a cell of a limit row to fit 80 columns; --json has the full value."""
    if column == "keeper" and isinstance(value, str):
        return short(value, 6, 4)
    if column == "full_at" and isinstance(value, str):
        return value[:16].replace("T", " ")
    return value


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "" if value is None else str(value)


def plan_lines(plan: Mapping[str, Any] | None, symbol: str) -> Iterator[str]:
    """Yield lines on when the current plan can pass, or why none of it can be traded."""
    if plan is None:
        return
    if plan["untradable"]:
        yield f"Nothing of the plan that buys {plan['buys']} {symbol} can be traded now:"
        yield from plan["untradable"]
        return
    needs = f" with {plan['approvals']} approval(s)" if plan["approvals"] else ""
    at = plan["passes_at"]
    when = "never at once: the limits are too small for it"
    if isinstance(at, str):
        when = f"from {datetime.fromisoformat(at):%Y-%m-%d %H:%M} UTC on"
    yield f"A plan that buys {plan['buys']} {symbol}{needs} passes the limits {when}."


def limit_title(what: str, unit: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the title of a table of limits, with unit and refill period."""
    periods = sorted({each["period_seconds"] for each in rows if each["period_seconds"]})
    over = " or ".join(period_text(each) for each in periods)
    refill = f"; used amounts refill steadily, completely in {over}" if over else ""
    return f"{what}, in {unit}{refill}"


def _usage(each: Mapping[str, Any]) -> dict[str, Any]:
    """Return a limit row with the used and remaining amounts."""
    used = Fraction(each["cap"]) - Fraction(each["available"])
    return {
        **each,
        "maximum": each["cap"],
        "used": format_exact(used),
        "left": each["available"],
    }


def _vault_limit(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **_usage(each),
        "limit": LIMIT_NAMES[each["limit"]],
        "keeper": each["keeper"] or "all",
    }


def print_treasuries(console: Console, document: Mapping[str, Any]) -> None:
    """Print chains, balances and limits of a treasury document."""
    for each in document["chains"]:
        console.print(Text(one_line(_chain(each))))
    names = {each["chain"]: each["name"] for each in document["chains"]}
    for asset in sorted({each["asset"] for each in document["balances"]}):
        console.print(Text(f"\n{asset}"))
        rows = [_balance(each) for each in document["balances"] if each["asset"] == asset]
        console.print(table_of(BALANCE, [*rows, *_unread_balances(document, asset)]))
    title = limit_title("Limits", "US dollars or tokens", document["limits"])
    console.print(Text(f"\n{title}"))
    rows = [treasury_limit(each) | {"chain": names[each["chain"]]} for each in document["limits"]]
    console.print(table_of(TREASURY_LIMIT, rows))


def trouble_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for everything left out, disabled, paused or waiting."""
    for asset, reasons in document["unreadable"].items():
        yield from (f"Left out of {asset}: {reason}" for reason in reasons)
    for chain, name in document["switched_off"].items():
        yield f"{name} ({chain}) is switched off (enabled = false): neither read nor planned"
    for each in document["off_transfers"]:
        yield f"{each} is in progress to or from a chain that is switched off"
    for each in document["fallback_waits"]:
        yield (
            f"{each['asset']}: {each['chain']} receives its deficit by a fallback from "
            f"{each['used_from']} on, if no other route becomes available until then"
        )
    for each in document["pauses"]:
        yield f"{each['scope']} is paused by {each['paused_by']}: {each['reason']}"
    yield from price_lines(document)


def _chain(each: Mapping[str, Any]) -> str:
    where = f"{each['name']} ({each['chain']})"
    if each["treasury"]:
        where = f"{where}: treasury {each['treasury']}"
    if not each["is_readable"]:
        return f"{where}: cannot be read"
    paused = ", PAUSED: nothing is sent" if each["paused"] else ""
    block = f"block {each['block']['number']} of {each['block']['at']}"
    return f"{where}: {block}, keeper {each['keeper']} has {each['coins']} native tokens{paused}"


def _balance(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "chain": each["name"],
        "idle": each["idle"],
        "invested": each["invested"],
        "under_way": "\n".join(_under_way(each)),
        "effective": each["effective"],
        "base": each["base"],
        "threshold": each["threshold"],
        "stands": _stands(each),
    }


def _unread_balances(document: Mapping[str, Any], asset: str) -> Iterator[dict[str, Any]]:
    """Yield a row for each chain whose balance of an asset is unknown."""
    reasons = document["unreadable"].get(asset, [])
    for each in document["chains"]:
        if not each["is_readable"] and any(reason.startswith(each["chain"]) for reason in reasons):
            yield dict.fromkeys(BALANCE, "?") | {"chain": each["name"], "stands": "cannot be read"}


def _under_way(each: Mapping[str, Any]) -> Iterator[str]:
    """Yield the amounts in progress by phase."""
    if each["leaving"] != "0":
        yield f"-{each['leaving']} to send"
    for stage, amount in each["coming_from"].items():
        yield f"+{amount} at {stage}"
    if each["to_invest"] != "0":
        yield f"-{each['to_invest']} to invest"
    if each["to_divest"] != "0":
        yield f"+{each['to_divest']} to divest"


def _stands(each: Mapping[str, Any]) -> str:
    if each["base"] is None:
        return "no base"
    if each["deficit"] != "0":
        return f"{'TRIGGERED' if each['triggered'] else 'short'}, {each['deficit']} missing"
    return "at base" if each["surplus"] == "0" else f"{each['surplus']} above"


def treasury_limit(each: Mapping[str, Any]) -> dict[str, Any]:
    """Return a treasury limit as a row, in US dollars or in its asset."""
    of = each["of"]
    return {
        **_usage(each),
        "limit": TREASURY_LIMIT_NAMES[each["limit"]],
        "of": short(of, 6, 4) if of.startswith("0x") else of,
        "unit": each["asset"] or "USD",
    }
