"""Writes what a soak came to: the page, and tiers against bands as a picture."""

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
A soak lets a vault live on the local network for simulated weeks. Depositors subscribe, ask for
redemptions, withdraw and claim at random. Funds pay yields, Aave's interest accrues, and a price
drifts. After some calm days things go wrong, one after the other: a feed is silent, gas costs
2,000 gwei, a fund of L2 suspends withdrawals, the guardian pauses keepers, a price jumps by
8 %, a quarter of the vault is asked back. The keeper is the real one, as a process: its conductor,
its checks, its upkeep. It is killed at random, at named places and between checks, and another
process goes on. Contracts, pools and Aave are the real ones too."""

RHYTHM = """\
`make deep` runs {days} days in steps of {hours} hours. At each step the keeper does what is due,
and once more five minutes later if it has acted. `make test-integration` runs a few days.
`python -m tests.integration.soak` runs the long one and writes this page."""
LEGEND = """\
Numbers above the picture are those of the table of troubles below. While a price is stale, tiers
are not known and not drawn. A state outside a band before the keeper looked is drawn too."""
KEPT = """\
All were kept:

- Every batch of redemptions was paid before it was due.
- Each trade and each payment on chain belongs to one step of the journal, and the reverse.
- The journal has every transaction of the key, and nonces have no gaps.
- At the end no run was open.
- The share's price fell by no more than prices and a hundredth of what was traded explain.
- People heard of each trouble that calls for a message, and that it was over. There was no other
  warning, and none while nothing was wrong."""


@dataclass(frozen=True)
class Outcome:
    """A soak that is over."""

    course: Course
    diary: Diary
    disturbances: Sequence[Disturbance]
    rebalances: Sequence[RunRecord]
    upkeep: Sequence[RunRecord]
    broken: Sequence[str]


def picture(outcome: Outcome) -> str:
    """The tiers over time as an SVG file that needs nothing else."""
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
    """The page."""
    course, diary = outcome.course, outcome.diary
    days = course.looks * course.hours // 24
    return "\n".join(
        [
            "# The soak\n",
            f"{MARKER}\n",
            f"{INTRODUCTION}\n",
            f"{RHYTHM.format(days=days, hours=course.hours)}\n",
            "![Tiers against their bands](../images/soak.svg)\n",
            f"{LEGEND}\n",
            "## Figures\n",
            *_table(("what", "how much"), _figures(outcome)),
            "\n## Time outside bands\n",
            *_table(("tier", "when the keeper looked", "after it"), _outside(diary)),
            "\n## Rebalances\n",
            *_table(("ended as", "runs"), _statuses(outcome.rebalances)),
            "\n## Troubles, and what people heard\n",
            *_table(("", "from", "trouble", "messages"), _troubles(outcome)),
            "\n## Promises\n",
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
        ("… paid in the step in which they were asked for", str(sum(not each for each in waits))),
        ("… longest wait", _words(max(waits, default=0))),
        ("… late", str(len(diary.late))),
        ("rebalances that moved something", str(sum(map(_moved, outcome.rebalances)))),
        ("runs of upkeep", str(len(outcome.upkeep))),
        ("transactions", str(len(transactions))),
        ("kills of the keeper", str(sum(step.look.kills for step in diary.steps))),
    ]


def _moved(run: RunRecord) -> bool:
    return any(each.attempts for each in run.steps)


def _outside(diary: Diary) -> list[tuple[str, str, str]]:
    before, after = diary.outside(before=True), diary.outside(before=False)
    known = sum(step.after is not None for step in diary.steps) or 1
    names = {"L1": "L1", "L2": "L2", "L3": "L3", "any": "any of them"}
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
        failed = sum(bool(step.look.failures) for step in steps)
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
        return ["These were broken:\n", *(f"- {each}" for each in outcome.broken)]
    return [KEPT]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [
        f"| {' | '.join(head)} |",
        f"| {' | '.join('---' for _ in head)} |",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def _words(seconds: int) -> str:
    return f"{timedelta(seconds=seconds) / timedelta(hours=1):.1f} h"
