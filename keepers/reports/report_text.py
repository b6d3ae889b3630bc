"""Text report for a terminal."""

from rich import box
from rich.console import Console, Group, RenderableType
from rich.table import Column, Table
from rich.text import Text

from keepers.model.step import step_fields
from keepers.reports import amounts
from keepers.reports.facts import TIER_NAMES, RunFacts, StepFacts, TierFacts
from keepers.reports.report import Report

COLOURS = {"DONE": "green", "NOTHING_TO_DO": "green", "FAILED": "red", "PARTIAL": "yellow"}


LONGEST_WORD = 9
"""Characters; longer words are folded if a table lacks space."""

GAP = 2
"""Characters between two columns."""


def render_text(report: Report, width: int | None = None) -> str:
    """Render the report as text, in colour if the terminal supports it."""
    console = Console(width=width)
    console.width = max(console.width, _narrowest(report))
    with console.capture() as captured:
        console.print(_heading(report))
        for number, run in report.numbered:
            console.print()
            console.print(Group(*_run(number, run)))
    return captured.get()


def _narrowest(report: Report) -> int:
    """Return the minimum width that cuts no number; a too long line does less harm."""
    parts = (part for number, run in report.numbered for part in _run(number, run))
    return max((_least(part) for part in parts if isinstance(part, Table)), default=0)


def _least(table: Table) -> int:
    """Return the minimum readable width of a table with folded words."""
    widths = (_least_of(column) for column in table.columns)
    return sum(width + GAP for width in widths)


def _least_of(column: Column) -> int:
    texts = [str(each) for each in (column.header, *column.cells)]
    if column.no_wrap:
        return max(map(len, texts))
    words = (len(word) for text in texts for word in text.split())
    return min(max(words, default=0), LONGEST_WORD)


def _heading(report: Report) -> Text:
    heading = Text(f"Vault {report.vault}", style="bold")
    newest, token = report.newest, report.settlement
    if newest is not None:
        value = amounts.grouped(sum(newest.values), token.decimals)
        heading.append(f": {value} {token.symbol} at block {newest.block_number}")
    if report.tiers_inside is not None:
        heading.append(f", {report.tiers_inside} of 3 tiers inside their bands")
    spent = f"{report.transactions} transaction(s), gas {amounts.coin(report.fee_wei)}"
    heading.append(f"\n{len(report.runs)} run(s), {spent}", style="not bold")
    return heading


def _run(number: int, run: RunFacts) -> list[RenderableType]:
    status = str(run.status)
    title = Text(f"Run {number}  {amounts.moment(run.started_at)}  ", style="bold")
    title.append(status, style=COLOURS.get(status, "cyan"))
    title.append(f"  {run.record.run.run_id}", style="not bold dim")
    lines = [*run.triggers, *(f"warning: {each}" for each in run.warnings)]
    lines += run.left_out
    if run.approval is not None:
        lines.append(run.approval.words)
    if run.record.reason:
        lines.append(run.record.reason)
    if run.deviation_bps is not None:
        alert = ", above the tolerance" if run.alert else ""
        lines.append(f"{amounts.bps(run.deviation_bps)} off the simulation{alert}")
    parts: list[RenderableType] = [title, *(Text(each) for each in lines)]
    if run.tiers:
        parts.append(_tiers(run))
    if run.weights:
        parts.append(_weights(run))
    if run.steps:
        parts.append(_steps(run))
        parts += [
            Text(f"action {each.record.step.index + 1} {each.record.status.lower()}: {each.error}")
            for each in run.steps
            if each.error
        ]
    return parts


def _table(*columns: str, left: frozenset[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for name in columns:
        words = name in left
        justify = "left" if words else "right"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=not words)
    return table


def _tiers(run: RunFacts) -> Table:
    names = ("tier", "before", "share", "after", "share ", "band", "")
    table = _table(*names, left=frozenset({"tier", ""}))
    for tier in run.tiers:
        table.add_row(*(Text(cell) for cell in _tier(tier, run.settlement.decimals)))
    return table


def _tier(tier: TierFacts, decimals: int) -> tuple[str, ...]:
    after = amounts.NOTHING if tier.after is None else amounts.grouped(tier.after, decimals)
    band = amounts.NOTHING
    if tier.band is not None:
        limits = (tier.band.minimum_bps, tier.band.maximum_bps)
        band = " to ".join(amounts.percent_of_bps(each) for each in limits)
    return (
        TIER_NAMES[tier.tier],
        amounts.grouped(tier.before, decimals),
        amounts.percent(tier.ratio_before),
        after,
        amounts.percent(tier.ratio_after),
        band,
        "OUTSIDE" if tier.within is False else "",
    )


def _weights(run: RunFacts) -> Table:
    table = _table("asset", "before", "planned", "after", "target", left=frozenset({"asset"}))
    for each in run.weights:
        target = "" if each.target_bps is None else amounts.percent_of_bps(each.target_bps)
        shares = map(amounts.percent, (each.before, each.planned, each.after))
        table.add_row(*(Text(cell) for cell in (each.symbol, *shares, target)))
    return table


def _steps(run: RunFacts) -> Table:
    names = ("#", "action", "value", "expected", "slippage", "gas", "transaction", "result")
    table = _table(*names, left=frozenset({"action", "result"}))
    for each in run.steps:
        table.add_row(*(Text(cell) for cell in _step(each, run.settlement.decimals)))
    return table


def _step(facts: StepFacts, decimals: int) -> tuple[str, ...]:
    step, attempt = facts.record.step, facts.attempt
    expected = step_fields(step)["estimated_slippage_bps"]
    outcome = attempt.outcome if attempt else None
    hashed = attempt.signed.transaction_hash if attempt else None
    gas = facts.gas_used
    return (
        str(step.index + 1),
        f"{step.kind.capitalize()} {step.symbol}",
        amounts.grouped(step.amount, decimals),
        amounts.bps(expected),
        amounts.bps(outcome.slippage_bps if outcome else None),
        amounts.NOTHING if gas is None else f"{gas:,}",
        amounts.short(hashed, 6, 4) if hashed else amounts.NOTHING,
        facts.record.status.lower(),
    )
