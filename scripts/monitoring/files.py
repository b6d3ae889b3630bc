"""Paths of the generated files, and the runbooks: a table of all alerts and their actions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from scripts.monitoring.alert import Alert
from scripts.monitoring.rules import groups

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "monitoring" / "rules.yml"
RULES_TEST = DOCS / "monitoring" / "rules_test.yml"
DASHBOARD = DOCS / "monitoring" / "dashboard.json"
PAGE = DOCS / "how-to" / "runbooks.md"
BEGIN = "<!-- alerts: `python -m scripts.monitoring` writes this table -->\n"
END = "<!-- end of the alerts -->\n"
HEADS = "| alert | severity | fires when | what to do |\n| --- | --- | --- | --- |\n"


def table() -> str:
    """Return a table of each group of alerts: when each fires, and what to do."""
    return "\n".join(_section(name, alerts) for name, alerts in groups().items())


def _section(group: str, alerts: Sequence[Alert]) -> str:
    rows = "".join(
        f"| `{alert.name}` | {alert.level} | {alert.when} | {alert.action} |\n" for alert in alerts
    )
    title = group.removeprefix("ballast-").capitalize()
    return f"## {title}\n\n{HEADS}{rows}"


def with_table(page: str) -> str:
    """Return the page with the current table."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"
