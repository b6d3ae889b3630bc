"""A plan for tiers as people read it."""

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from keepers.model.json_document import Json


def print_tiers(document: dict[str, Json]) -> None:
    """Print the document of a plan for tiers as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    for trigger in plan["triggers"]:
        console.print(Text(f"{trigger['kind']}: {trigger['reason']}"))
    console.print(_ratios(plan))
    console.print(_actions(plan) if plan["actions"] else Text("Nothing to do."))
    console.print(Text(_approval(plan)))
    if plan["portfolios_due"]:
        console.print(Text(f"Weights due in {', '.join(plan['portfolios_due'])}."))
    for unmet in plan["unmet"]:
        console.print(Text(f"Not covered: {unmet['need']}, {unmet['amount']} missing."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _ratios(plan: dict[str, Any]) -> Table:
    table = Table("tier", "before", "after")
    for tier, before in plan["before"].items():
        table.add_row(tier, before, plan["after"][tier])
    return table


def _actions(plan: dict[str, Any]) -> Table:
    table = Table("priority", "type", "from", "to", "amount", "reason")
    for action in plan["actions"]:
        cells = ("priority", "type", "from_tier", "to_tier", "amount", "reason")
        table.add_row(*(Text(str(action[cell])) for cell in cells))
    return table


def _approval(plan: dict[str, Any]) -> str:
    total, required = plan["total_amount"], plan["required_approvals"]
    if required:
        deadline = plan["approval_deadline_hours"]
        return f"Total {total}, {required} approval(s) within {deadline} hours."
    if plan["review_afterwards"]:
        return f"Total {total}, no approval, reviewed afterwards."
    return f"Total {total}, no approval."
