"""From shares to pixels, for charts; pure, and exact enough for a screen."""

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.model.money import WHOLE_BPS
from keepers.model.vault import TierBand

MARGIN = 0.12
"""Room above and below what is drawn, as a share of its height."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A line from basis points to pixels; pixels grow downwards or to the right."""

    low: float
    high: float
    start: float
    end: float

    def at(self, bps: float) -> float:
        """The pixel of a share."""
        return round(
            self.start + (bps - self.low) / (self.high - self.low) * (self.end - self.start), 1
        )


def around(shown: Sequence[float], band: TierBand | None) -> tuple[float, float]:
    """The smallest range with some room that shows all of this, inside 0 and the whole."""
    limits = [band.minimum_bps, band.maximum_bps] if band else []
    points = [*shown, *limits] or [0, WHOLE_BPS]
    low, high = min(points), max(points)
    room = max((high - low) * MARGIN, 100)
    return max(low - room, 0), min(high + room, WHOLE_BPS)


def apart(marks: Sequence[tuple[float, str]], distance: float) -> list[tuple[float, str]]:
    """Marks in order of importance, without those too close to a more important one."""
    kept: list[tuple[float, str]] = []
    for place, label in marks:
        if all(abs(place - other) >= distance for other, _ in kept):
            kept.append((place, label))
    return kept
