"""Page with the results of a soak, and a chart of tiers against their bands."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files

from keepers.model.run import RunRecord, RunStatus, TierSample
from keepers.model.vault import TierBand
from keepers.reports import chart
from scripts.deployment.vault.local import BANDS
from tests.integration.soak.course import Course
from tests.integration.soak.diary import Diary
from tests.integration.soak.disturbances import Disturbance, Trouble

MARKER = "<!-- `python -m tests.integration.soak` writes this page. -->"
CHAIN_ID = 1
INTRODUCTION = """\
A soak runs a keeper and a vault on the local network for simulated weeks and checks that nothing
is lost, done twice or reported wrongly. Depositors subscribe, request redemptions, withdraw and
claim at random. Funds pay yields, Aave's interest accrues, and a price drifts. After some calm
days there are disturbances, one after the other: a price feed stops, gas costs 2,000 gwei, a fund
of L2 suspends withdrawals, the guardian pauses keepers, a price jumps by 8 %, a quarter of the
vault is redeemed. The keeper is the real process with its conductor, checks and maintenance. It is
killed at random, at named crash points and between checks, and another process resumes its work.
Contracts, pools and Aave are the real ones too."""

RHYTHM = """\
`make deep` runs {days} days in steps of {hours} hours. At each step the keeper makes the checks
that are due, and again those of five minutes later if it has opened a run. `make test-integration`
runs a few days. `python -m tests.integration.soak` runs the long soak and writes this page."""
LEGEND = """\
Numbers above the chart refer to the table of disturbances below. While a price is stale, tier
values are unknown and not drawn. A state outside a band before a check is drawn too."""
KEPT = """\
All held:

- Every batch of redemptions was paid before it was due.
- Each trade and each payment on chain belongs to one step in the store, and the reverse.
- The store has every transaction of the key, and nonces have no gaps.
- At the end no run was open.
- The share price fell by no more than prices and one hundredth of the traded amount explain.
- Operators were notified of each disturbance that requires a message, and of its end. There was no
  other warning, and none without a disturbance."""


@dataclass(frozen=True)
class Outcome:
    """Results of a finished soak."""

    course: Course
    diary: Diary
    disturbances: Sequence[Disturbance]
    rebalances: Sequence[RunRecord]
    upkeep: Sequence[RunRecord]
    broken: Sequence[str]


def picture(outcome: Outcome) -> str:
    """Return the tiers over time as a self-contained SVG file."""
    samples: list[TierSample] = []
    marks: list[tuple[int, int]] = []
    numbers = {each.first: number for number, each in enumerate(outcome.disturbances, start=1)}
    for step in outcome.diary.steps:
        if step.index in numbers:
            marks.append((len(samples), numbers[step.index]))
        states = [step.before] if step.before and step.before.outside else []
        samples += [each.sample(CHAIN_ID, None) for each in (*states, step.after) if each]
    first, second, third = (_band(*each) for each in BANDS)
    drawn = chart.draw_chart(samples, (first, second, third), marks)
    style = files("keepers.reports").joinpath("templates/style.html").read_text()
    paper = '<rect width="100%" height="100%" style="fill: var(--surface)"/>'
    opening, _, rest = drawn.partition(">")
    opening = opening.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    font = "<style>svg { font-family: system-ui, sans-serif; }</style>"
    return f"{opening}>{style.strip()}{font}{paper}{rest}\n"


def page(outcome: Outcome) -> str:
    """Return the whole page."""
    course, diary = outcome.course, outcome.diary
    days = course.steps * course.hours // 24
    return "\n".join(
        [
            "# Soak test\n",
            f"{MARKER}\n",
            f"{INTRODUCTION}\n",
            f"{RHYTHM.format(days=days, hours=course.hours)}\n",
            "![Tiers against their bands](../images/soak.svg)\n",
            f"{LEGEND}\n",
            "## Figures\n",
            *_table(("figure", "value"), _figures(outcome)),
            "\n## Time outside bands\n",
            *_table(("tier", "before the checks", "after the checks"), _outside(diary)),
            "\n## Rebalances\n",
            *_table(("final status", "runs"), _statuses(outcome.rebalances)),
            "\n## Disturbances and notifications\n",
            *_table(("", "from", "disturbance", "messages"), _troubles(outcome)),
            "\n## Properties\n",
            *_promises(outcome),
            "",
        ]
    )


def _band(minimum: int, target: int, maximum: int) -> TierBand:
    return TierBand(minimum_bps=minimum, target_bps=target, maximum_bps=maximum)


def _figures(outcome: Outcome) -> list[tuple[str, str]]:
    diary = outcome.diary
    words = Counter(
        part.split(" of ")[0]
        for step in diary.steps
        for part in step.happened.split("; ")
        if " of " in part and not part.endswith(" of 0")
    )
    waits = [each.paid_at - each.asked_at for each in diary.requests.values() if each.paid_at]
    transactions = [
        attempt
        for run in (*outcome.rebalances, *outcome.upkeep)
        for step in run.steps
        for attempt in step.attempts
        if attempt.outcome is not None
    ]
    return [
        *((f"{name}s", str(count)) for name, count in sorted(words.items())),
        ("batches of redemptions", str(len(diary.requests))),
        ("… paid in the step of the request", str(sum(not each for each in waits))),
        ("… longest wait", _words(max(waits, default=0))),
        ("… late", str(len(diary.late))),
        ("rebalances with transactions", str(sum(map(_moved, outcome.rebalances)))),
        ("maintenance runs", str(len(outcome.upkeep))),
        ("transactions", str(len(transactions))),
        ("kills of the keeper", str(sum(step.checks.kills for step in diary.steps))),
    ]


def _moved(run: RunRecord) -> bool:
    return any(each.attempts for each in run.steps)


def _outside(diary: Diary) -> list[tuple[str, str, str]]:
    before, after = diary.outside(before=True), diary.outside(before=False)
    known = sum(step.after is not None for step in diary.steps) or 1
    names = {"L1": "L1", "L2": "L2", "L3": "L3", "any": "any tier"}
    return [
        (said, _share(before[name], known), f"{_share(after[name], known)}")
        for name, said in names.items()
    ]


def _share(count: int, whole: int) -> str:
    return f"{count} of {whole} steps, {100 * count / whole:.1f} %"


def _statuses(runs: Sequence[RunRecord]) -> list[tuple[str, str]]:
    counts = Counter(each.status for each in runs)
    return [(status.lower(), str(counts[status])) for status in RunStatus if counts[status]]


def _troubles(outcome: Outcome) -> list[tuple[str, str, str, str]]:
    rows: list[tuple[str, str, str, str]] = []
    for number, each in enumerate(outcome.disturbances, start=1):
        steps = outcome.diary.steps[each.first : each.after]
        if not steps:
            continue
        heard = Counter(
            message.title
            for step in steps
            for message in step.messages
            if message.severity != "INFO" and message.kind == "REPORT"
        )
        said = "; ".join(f"{title} ({count})" for title, count in heard.items())
        failed = sum(bool(step.checks.failures) for step in steps)
        if failed and each.trouble is Trouble.FEED_OUTAGE:
            said = "; ".join(part for part in (said, f"checks failed in {failed} steps") if part)
        hours = (each.after - each.first) * outcome.course.hours
        rows.append(
            (
                str(number),
                f"{steps[0].at:%d %b %H:%M}",
                f"{each.trouble}, {hours} h",
                said or "none",
            )
        )
    return rows


def _promises(outcome: Outcome) -> list[str]:
    if outcome.broken:
        return ["These did not hold:\n", *(f"- {each}" for each in outcome.broken)]
    return [KEPT]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"| {' | '.join('---' for _ in head)} |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _words(seconds: int) -> str:
    return f"{timedelta(seconds=seconds) / timedelta(hours=1):.1f} h"
