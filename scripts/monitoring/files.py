"""Where the files are, and the table of alerts in the page about them."""

from __future__ import annotations

from pathlib import Path

from scripts.monitoring.rules import groups

DOCS = Path(__file__).parents[2] / "docs"
RULES = DOCS / "monitoring" / "rules.yml"
RULES_TEST = DOCS / "monitoring" / "rules_test.yml"
DASHBOARD = DOCS / "monitoring" / "dashboard.json"
PAGE = DOCS / "monitoring.md"
BEGIN = "<!-- alerts: `python -m scripts.monitoring` writes this table -->\n"
END = "<!-- end of the alerts -->\n"


def table() -> str:
    """Every alert: when it fires, and what to do."""
    rows = [
        f"| `{alert.name}` | {alert.level} | {alert.when} | {alert.action} |\n"
        for alerts in groups().values()
        for alert in alerts
    ]
    return "| alert | severity | fires when | what to do |\n| --- | --- | --- | --- |\n" + "".join(
        rows
    )


def with_table(page: str) -> str:
    """The page with the table of now in it."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"
