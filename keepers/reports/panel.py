"""One tier over time against its band: a panel of the chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.tier import Tier
from keepers.model.vault import TierBand
from keepers.reports.amounts import percent, percent_of_bps
from keepers.reports.facts import TIER_NAMES, inside
from keepers.reports.scale import Scale, apart, around
from keepers.reports.svg import element, line, title, words

HEADER = 26
LABEL_DISTANCE = 14
DOTS_UP_TO = 120
"""With more samples than this the line speaks for itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """Where a panel is, and what it shows; `ratios` is None where the vault was empty."""

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
        """The panel."""
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
