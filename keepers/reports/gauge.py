"""A tier before and after a run on its band, in one line of a table."""

from keepers.model.money import WHOLE_BPS
from keepers.model.vault import TierBand
from keepers.reports.facts import TierFacts
from keepers.reports.svg import Scale, around, element, line

WIDTH, HEIGHT = 200, 22
EDGE = 8


MIDDLE = HEIGHT / 2
LOOKS = ("ring", "dot")
"""Before and after."""


def draw_gauge(tier: TierFacts) -> str:
    """The band as a bar, the target as a stroke, a ring before and a dot after."""
    ratios = [each for each in (tier.ratio_before, tier.ratio_after) if each is not None]
    if tier.band is None or not ratios:
        return ""
    shown = [float(ratio * WHOLE_BPS) for ratio in ratios]
    scale = Scale(*around(shown, tier.band), EDGE, WIDTH - EDGE)
    inner = (
        line(EDGE, MIDDLE, WIDTH - EDGE, MIDDLE, "axis"),
        _band(scale, tier.band),
        _way([scale.at(each) for each in shown]),
    )
    box, look = f"0 0 {WIDTH} {HEIGHT}", f"gauge t{int(tier.tier)}"
    return element("svg", *inner, viewBox=box, class_=look, aria_hidden="true")


def _band(scale: Scale, band: TierBand) -> str:
    limits = (band.minimum_bps, band.target_bps, band.maximum_bps)
    low, target, high = (scale.at(bps) for bps in limits)
    width = round(high - low, 1)
    bar = element("rect", x=low, y=MIDDLE - 5, width=width, height=10, rx=3, class_="band")
    return bar + line(target, MIDDLE - 8, target, MIDDLE + 8, "target")


def _way(places: list[float]) -> str:
    points = [
        element("circle", cx=x, cy=MIDDLE, r=4, class_=look)
        for x, look in zip(places, LOOKS, strict=False)
    ]
    return line(places[0], MIDDLE, places[-1], MIDDLE, "way") + "".join(points)
