"""Tables of the demo: tiers before and after, and the transactions between."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from scripts.network.chain import LocalChain

NARROWEST = 100  # columns that the widest table takes

console = Console(highlight=False)
console.width = max(console.width, NARROWEST)


def progress(text: str) -> None:
    """Print the output of a program unchanged."""
    console.print(text.rstrip(), markup=False, soft_wrap=True)


def print_tiers(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Print the three tiers with their bands; a ratio outside its band is red."""
    table = Table(title="Tiers", title_justify="left")
    for column in ("tier", "value before", "ratio", "value after", "ratio", "target", "band"):
        table.add_column(column, justify="left" if column == "tier" else "right")
    for was, now in zip(before["layers"], after["layers"], strict=True):
        table.add_row(
            now["tier"], _money(was["value"]), _ratio(was), _money(now["value"]), _ratio(now),
            _percent(now["target"], 0), f"{_percent(now['min'], 0)} to {_percent(now['max'], 0)}",
        )  # fmt: skip
    console.print(table)


def print_transactions(chain: LocalChain, run: dict[str, Any]) -> None:
    """Print each action of a run with its transaction, gas and slippage."""
    table = Table(title="Transactions", title_justify="left")
    for column in ("action", "USDT", "transaction", "gas", "slippage"):
        table.add_column(
            column, justify="right" if column in ("USDT", "gas", "slippage") else "left"
        )
    for step in run["steps"]:
        for attempt in step["attempts"]:
            hashed = attempt["transaction_hash"]
            gas = chain.web3.eth.get_transaction_receipt(hashed)["gasUsed"]
            amount = Decimal(step["amount"]).scaleb(-6)
            what = f"{step['kind'].lower()} {step['symbol']}"
            table.add_row(
                what, _money(str(amount)), f"{hashed[:18]}…", f"{gas:,}", _slippage(attempt)
            )
    console.print(table)


def print_limits(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Print the run's use of the limits on chain."""
    used: dict[str, Decimal] = defaultdict(Decimal)  # each keeper may have a budget
    for was, now in zip(before["limits"], after["limits"], strict=True):
        used[now["limit"]] += max(0, Decimal(was["available"]) - Decimal(now["available"]))
    risk, reduced = used["AUTOMATIC"], used["REDUCING"]
    lost = used["LOSS_ADDING"] + used["LOSS_REDUCING"]
    cap = next(each["cap"] for each in after["limits"] if each["limit"] == "AUTOMATIC")
    console.print(
        f"Limits used: {risk:,.0f} USDT added to risk and {reduced:,.0f} removed from it, each of "
        f"{_money(cap)} a day; {lost:,.0f} USDT of the loss budgets."
    )


def _money(value: str) -> str:
    return f"{Decimal(value):,.0f}"


def _percent(ratio: str, places: int = 2) -> str:
    return f"{Decimal(ratio) * 100:.{places}f} %"


def _ratio(layer: dict[str, Any]) -> Text:
    return Text(_percent(layer["ratio"]), style="green" if layer["within_bounds"] else "bold red")


def _slippage(attempt: dict[str, Any]) -> str:
    slippage = attempt["slippage_bps"]
    return "" if slippage is None else f"{Decimal(slippage):.2f} bps"
