"""Chart of the three tiers over time against their bands, as self-contained inline SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import TypeAlias

from keepers.model.money import WHOLE_BPS
from keepers.model.run import TierSample
from keepers.model.tier_config import Tier
from keepers.model.vault import TierBand
from keepers.reports.amounts import percent, percent_of_bps
from keepers.reports.detail import Bands
from keepers.reports.facts import TIER_NAMES, TierFacts, inside, share
from keepers.reports.svg import Scale, apart, around, element, line, title, words

HEADER = 26
LABEL_DISTANCE = 14
DOTS_UP_TO = 120
"""Maximum number of samples drawn as dots on the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Position and samples of a panel; a ratio is None if the vault was empty."""

    tier: Tier
    band: TierBand | None
    ratios: Sequence[Fraction | None]
    hints: Sequence[str]
    xs: Sequence[float]
    left: float
    right: float
    top: float
    height: float

    def draw(self) -> str:
        """Return the panel."""
        bottom = self.top + self.height
        known = [float(ratio * WHOLE_BPS) for ratio in self.ratios if ratio is not None]
        scale = Scale(*around(known, self.band), bottom, self.top + HEADER)
        parts = [
            self._header(),
            self._band(scale),
            line(self.left, bottom, self.right, bottom, "axis"),
        ]
        return element(
            "g", *parts, self._line(scale), self._now(scale), class_=f"t{int(self.tier)}"
        )

    def _header(self) -> str:
        name = words(TIER_NAMES[self.tier], self.left, self.top + 12, "name")
        if self.band is None:
            return name
        limits = (
            f"{percent_of_bps(self.band.minimum_bps)} to {percent_of_bps(self.band.maximum_bps)}"
        )
        said = f"band {limits}, target {percent_of_bps(self.band.target_bps)}"
        return name + words(said, self.right, self.top + 12, "limits", text_anchor="end")

    def _band(self, scale: Scale) -> str:
        if self.band is None:
            return ""
        limits = (self.band.target_bps, self.band.minimum_bps, self.band.maximum_bps)
        target, low, high = (scale.at(bps) for bps in limits)
        shaded = element(
            *("rect",),
            x=self.left,
            y=high,
            width=self.right - self.left,
            height=round(low - high, 1),
            class_="band",
        )
        ends = [int(bps) for bps in (scale.low, scale.high) if bps in {0, WHOLE_BPS}]
        marks = [(scale.at(bps), percent_of_bps(bps)) for bps in (*limits, *ends)]
        labels = [
            words(label, self.left - 10, y + 4, "tick", text_anchor="end")
            for y, label in apart(marks, LABEL_DISTANCE)
        ]
        return shaded + line(self.left, target, self.right, target, "target") + "".join(labels)

    def _line(self, scale: Scale) -> str:
        runs: list[list[str]] = [[]]
        dots: list[str] = []
        for x, ratio, hint in zip(self.xs, self.ratios, self.hints, strict=True):
            if ratio is None:
                runs.append([])
                continue
            y = scale.at(float(ratio * WHOLE_BPS))
            runs[-1].append(f"{x},{y}")
            dots.append(self._dot(x, y, ratio, hint))
        lines = [element("polyline", points=" ".join(run), class_="line") for run in runs if run]
        return "".join(lines) + ("".join(dots) if len(dots) <= DOTS_UP_TO else "")

    def _dot(self, x: float, y: float, ratio: Fraction, hint: str) -> str:
        outside = inside(ratio, self.band) is False
        said = f"{hint}: {percent(ratio)}{', outside its band' if outside else ''}"
        look = "dot out" if outside else "dot"
        return element("circle", title(said), cx=x, cy=y, r=4.5 if outside else 3.5, class_=look)

    def _now(self, scale: Scale) -> str:
        last = self.ratios[-1] if self.ratios else None
        if last is None:
            return ""
        y = scale.at(float(last * WHOLE_BPS))
        return words(percent(last, 1), self.right + 10, y + 4, "now")


WIDTH = 960
LEFT, RIGHT = 64, 890
TOP, PANEL, GAP, FOOT = 34, 150, 26, 30
MARK_RADIUS = 10
TIME_DISTANCE = 110

Mark: TypeAlias = tuple[int, int]
"""The index of a sample and the number of the run that started with it."""


def draw_chart(
    samples: Sequence[TierSample], bands: Bands | None, marks: Sequence[Mark] = ()
) -> str:
    """Draw tiers over time.

    Samples are evenly spaced regardless of time, since most come in pairs before and after a run
    and would otherwise overlap.

    Args:
        samples: Tier values, oldest first; at least one.
        bands: The bands drawn behind the samples.
        marks: Run numbers to draw above samples.
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
    """Return the x positions of samples, slightly inside the frame."""
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


GAUGE_WIDTH, GAUGE_HEIGHT = 200, 22
EDGE = 8


MIDDLE = GAUGE_HEIGHT / 2
LOOKS = ("ring", "dot")
"""Marker classes before and after."""


def draw_gauge(tier: TierFacts) -> str:
    """Return a gauge: band as a bar, target as a stroke, ring before, dot after."""
    ratios = [each for each in (tier.ratio_before, tier.ratio_after) if each is not None]
    if tier.band is None or not ratios:
        return ""
    shown = [float(ratio * WHOLE_BPS) for ratio in ratios]
    scale = Scale(*around(shown, tier.band), EDGE, GAUGE_WIDTH - EDGE)
    inner = (
        line(EDGE, MIDDLE, GAUGE_WIDTH - EDGE, MIDDLE, "axis"),
        _band(scale, tier.band),
        _way([scale.at(each) for each in shown]),
    )
    box, look = f"0 0 {GAUGE_WIDTH} {GAUGE_HEIGHT}", f"gauge t{int(tier.tier)}"
    return element("svg", *inner, viewBox=box, class_=look, aria_hidden="true")


def _band(scale: Scale, band: TierBand) -> str:
    limits = (band.minimum_bps, band.target_bps, band.maximum_bps)
    low, target, high = (scale.at(bps) for bps in limits)
    width = round(high - low, 1)
    bar = element("rect", x=low, y=MIDDLE - 5, width=width, height=10, rx=3, class_="band")
    return bar + line(target, MIDDLE - 8, target, MIDDLE + 8, "target")


def _way(positions: list[float]) -> str:
    points = [
        element("circle", cx=x, cy=MIDDLE, r=4, class_=look)
        for x, look in zip(positions, LOOKS, strict=False)
    ]
    return line(positions[0], MIDDLE, positions[-1], MIDDLE, "way") + "".join(points)
