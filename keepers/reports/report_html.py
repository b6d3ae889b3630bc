"""HTML report: one self-contained file with light and dark colour schemes."""

from typing import cast

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from keepers.model.tier_state import Settlement
from keepers.reports import amounts
from keepers.reports.chart import draw_chart, draw_gauge
from keepers.reports.facts import TIER_NAMES, TierFacts
from keepers.reports.report import Report

STATUS_LOOKS = {
    "DONE": ("good", "✓"),
    "NOTHING_TO_DO": ("good", "✓"),
    "SUCCEEDED": ("good", "✓"),
    "DRY_RUN": ("plain", "○"),
    "PENDING": ("plain", "○"),
    "OPEN": ("plain", "…"),
    "SENDING": ("plain", "…"),
    "SKIPPED": ("warn", "»"),
    "PARTIAL": ("warn", "!"),
    "REFUSED": ("warn", "!"),
    "INTERRUPTED": ("warn", "!"),
    "FAILED": ("bad", "✕"),
}
"""Class and sign of each status, so that colour is never the only indicator."""


def page(report: Report) -> str:
    """Render a report as one self-contained page."""
    environment = Environment(
        loader=PackageLoader("keepers.reports", "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    cast("dict[str, object]", environment.filters).update(FILTERS)
    drawn = draw_chart(report.samples, report.bands, report.marks) if report.samples else ""
    # Both are built in this package, and their texts are escaped there.
    chart = Markup(drawn)  # noqa: S704
    return environment.get_template("report.html").render(
        report=report, chart=chart, looks=STATUS_LOOKS, names=TIER_NAMES
    )


def _gauge(tier: TierFacts) -> Markup:
    return Markup(draw_gauge(tier))  # noqa: S704


def _money(units: int, token: Settlement) -> str:
    return amounts.grouped(units, token.decimals)


FILTERS: dict[str, object] = {
    "percent": amounts.percent,
    "of_bps": amounts.percent_of_bps,
    "bps": amounts.bps,
    "coin": amounts.coin,
    "moment": amounts.moment,
    "short": amounts.short,
    "span": amounts.duration,
    "money": _money,
    "gauge": _gauge,
}
"""Template filters."""
