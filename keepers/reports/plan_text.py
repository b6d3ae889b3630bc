"""Terminal tables of the three planners' plan documents."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from keepers.model.json_document import Json
from keepers.reports.terminal import Listing


def print_tiers(document: dict[str, Json]) -> None:
    """Print a tier plan document as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    for trigger in plan["triggers"]:
        console.print(Text(f"{trigger['kind']}: {trigger['reason']}"))
    console.print(_tier_ratios(plan))
    console.print(_tier_actions(plan) if plan["actions"] else Text("Nothing to do."))
    console.print(Text(_tier_approval(plan)))
    if plan["portfolios_due"]:
        console.print(Text(f"Weights due in {', '.join(plan['portfolios_due'])}."))
    for unmet in plan["unmet"]:
        console.print(Text(f"Not covered: {unmet['need']}, {unmet['amount']} missing."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _tier_ratios(plan: dict[str, Any]) -> Table:
    table = Table("tier", "before", "after")
    for tier, before in plan["before"].items():
        table.add_row(tier, before, plan["after"][tier])
    return table


def _tier_actions(plan: dict[str, Any]) -> Table:
    table = Table("priority", "type", "from", "to", "amount", "reason")
    for action in plan["actions"]:
        cells = ("priority", "type", "from_tier", "to_tier", "amount", "reason")
        table.add_row(*(Text(str(action[cell])) for cell in cells))
    return table


def _tier_approval(plan: dict[str, Any]) -> str:
    total, required = plan["total_amount"], plan["required_approvals"]
    if required:
        deadline = plan["approval_deadline_hours"]
        return f"Total {total}, {required} approval(s) within {deadline} hours."
    if plan["review_afterwards"]:
        return f"Total {total}, no approval, reviewed afterwards."
    return f"Total {total}, no approval."


def print_weights(document: dict[str, Json]) -> None:
    """Print a weights plan document as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    trades = _weight_trades(plan["phases"])
    console.print(trades if trades.row_count else Text("Nothing to trade."))
    console.print(_weight_changes(plan))
    lost, total = plan["value_loss_bps"], plan["after"]["total_value"]
    console.print(Text(f"Total value {total} afterwards, {lost} basis points lost."))
    because = plan["rejected_because"]
    console.print(Text("Accepted." if plan["accepted"] else f"Rejected: {because}."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _weight_trades(phases: dict[str, Any]) -> Table:
    table = Table("trade", "asset", "quantity", "value")
    for sale in phases["sell"]:
        table.add_row("sell", Text(sale["symbol"]), sale["quantity"], sale["proceeds"])
    for purchase in phases["buy"]:
        table.add_row("buy", Text(purchase["symbol"]), purchase["quantity"], purchase["spent"])
    return table


def _weight_changes(plan: dict[str, Any]) -> Table:
    before, after = plan["before"], plan["after"]
    table = Table("weight", "before", "after")
    for symbol, weight in before["weights"].items():
        table.add_row(Text(symbol), weight, after["weights"][symbol])
    table.add_row("settlement token", before["settlement_weight"], after["settlement_weight"])
    table.add_row("deviation", before["deviation"], after["deviation"])
    return table


def print_inventory(document: dict[str, Json]) -> None:
    """Print an inventory plan document as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    if plan["triggers"]:
        console.print(
            _rows(plan["triggers"], ("chain", "asset", "balance", "threshold", "deficit"))
        )
    columns = ("source", "destination", "asset", "route", "amount", "arrives")
    nothing = Text("No transfers.")
    console.print(_rows(plan["transfers"], columns) if plan["transfers"] else nothing)
    if plan["uncovered"]:
        console.print(_rows(plan["uncovered"], ("chain", "asset", "deficit", "available", "error")))
    count, bound, greedy = plan["transfer_count"], plan["lower_bound"], plan["greedy_count"]
    proven = "optimal" if plan["optimal"] else f"at least {bound} are needed"
    compared = "cannot cover this" if greedy is None else f"takes {greedy}"
    console.print(Text(f"Transfers: {count}, {proven}; the greedy rule {compared}."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Listing:
    return Listing(columns, [[str(row[column]) for column in columns] for row in rows])
