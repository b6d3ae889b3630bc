"""The three tiers over time against their bands, as inline SVG without anything from outside."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeAlias

from keepers.model.run import TierSample
from keepers.model.tier import Tier
from keepers.reports.detail import Bands
from keepers.reports.facts import TIER_NAMES, share
from keepers.reports.panel import Panel
from keepers.reports.scale import apart
from keepers.reports.svg import element, line, words

WIDTH = 960
LEFT, RIGHT = 64, 890
TOP, PANEL, GAP, FOOT = 34, 150, 26, 30
MARK_RADIUS = 10
TIME_DISTANCE = 110

Mark: TypeAlias = tuple[int, int]
"""The index of a sample and the number of the run that began with it."""


def draw_chart(
    samples: Sequence[TierSample], bands: Bands | None, marks: Sequence[Mark] = ()
) -> str:
    """Draw tiers over time.

    Samples are one step apart whatever the time between them: most of them come in pairs, before
    and after a run, and would else lie on each other.

    Args:
        samples: Tier values, oldest first; at least one.
        bands: The bands that are drawn behind them.
        marks: Numbers to put above samples, each for a run.
    """
    xs = _places(len(samples))
    height = TOP + len(Tier) * (PANEL + GAP) + FOOT
    panels = [
        Panel(
            tier=tier,
            band=bands and bands[tier],
            ratios=[share(each.values[tier], sum(each.values)) for each in samples],
            hints=[f"{each.at:%Y-%m-%d %H:%M:%S}, block {each.block_number}" for each in samples],
            xs=xs,
            left=LEFT,
            right=RIGHT,
            top=TOP + tier * (PANEL + GAP),
            height=PANEL,
        ).draw()
        for tier in Tier
    ]
    named = f"Share of {', '.join(TIER_NAMES.values())} over time, against their bands"
    inner = (_marks(marks, xs, height - FOOT - GAP), *panels, _times(samples, xs, height - FOOT))
    box = f"0 0 {WIDTH} {height}"
    return element("svg", *inner, viewBox=box, role="img", class_="chart", aria_label=named)


def _places(count: int) -> list[float]:
    """Samples from left to right, a little inside the frame."""
    first, last = LEFT + 14, RIGHT - 14
    if count == 1:
        return [(first + last) / 2]
    return [round(first + (last - first) * index / (count - 1), 1) for index in range(count)]


def _marks(marks: Sequence[Mark], xs: Sequence[float], bottom: float) -> str:
    drawn = [(xs[index], str(number)) for index, number in reversed(marks)]
    lines = [line(x, MARK_RADIUS + 2, x, bottom, "mark") for x, _ in drawn]
    heads = [
        element("circle", cx=x, cy=MARK_RADIUS + 2, r=MARK_RADIUS, class_="head")
        + words(number, x, MARK_RADIUS + 6, "number", text_anchor="middle")
        for x, number in apart(drawn, 2 * MARK_RADIUS + 2)
    ]
    return "".join([*lines, *heads])


def _times(samples: Sequence[TierSample], xs: Sequence[float], y: float) -> str:
    day = samples[-1].at - samples[0].at < timedelta(days=1)
    form = "%H:%M:%S" if day else "%d %b %H:%M"
    ends = [len(samples) - 1, 0]
    order = [*ends, *(index for index in range(len(samples)) if index not in ends)]
    marks = [(xs[index], f"{samples[index].at:{form}}") for index in order]
    return "".join(
        words(said, x, y, "tick", text_anchor="middle") for x, said in apart(marks, TIME_DISTANCE)
    )
