"""SVG elements as escaped text, and the scale of a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from keepers.model.money import WHOLE_BPS
from keepers.model.vault import TierBand


def element(name: str, *inner: str, **attributes: object) -> str:
    """Return an element; `text_anchor` becomes `text-anchor`, `class_` becomes `class`."""
    pairs = (
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
    )
    return f"<{name}{''.join(pairs)}>{''.join(inner)}</{name}>"


def words(content: str, x: float, y: float, class_: str, **attributes: object) -> str:
    """Return a line of text."""
    return element("text", escape(content), x=x, y=y, class_=class_, **attributes)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> str:
    """Return a straight line."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def title(content: str) -> str:
    """Return the tooltip of a shape."""
    return element("title", escape(content))


MARGIN = 0.12
"""Margin above and below the plotted values, as a share of their range."""


@dataclass(frozen=True, slots=True)
class Scale:
    """Linear scale from basis points to pixels; pixels grow downwards or to the right."""

    low: float
    high: float
    start: float
    end: float

    def at(self, bps: float) -> float:
        """Return the pixel position of a value."""
        return round(
            self.start + (bps - self.low) / (self.high - self.low) * (self.end - self.start), 1
        )


def around(shown: Sequence[float], band: TierBand | None) -> tuple[float, float]:
    """Return the range of the values and the band with a margin, within 0 and the whole."""
    limits = [band.minimum_bps, band.maximum_bps] if band else []
    points = [*shown, *limits] or [0, WHOLE_BPS]
    low, high = min(points), max(points)
    room = max((high - low) * MARGIN, 100)
    return max(low - room, 0), min(high + room, WHOLE_BPS)


def apart(marks: Sequence[tuple[float, str]], distance: float) -> list[tuple[float, str]]:
    """Return marks by importance, dropping those too close to a more important one."""
    kept: list[tuple[float, str]] = []
    for place, label in marks:
        if all(abs(place - other) >= distance for other, _ in kept):
            kept.append((place, label))
    return kept
