"""Parts of an alert's test: series of three parts, a sample a minute.

At the end of the first part the alert must not fire, at the end of the second it must fire, and at
the end of the third it must no longer fire.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MINUTES = 20
"""Minutes of each part, unless the alert needs more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A test of one alert.

    Attributes:
        alert: Name of the alert.
        about: Situation under test.
        series: Values by series, in promtool's notation.
        labels: Labels of the firing alert, beside name and severity; None if it must not fire.
        minutes: Length of each part.
    """

    alert: str
    about: str
    series: Mapping[str, str]
    labels: Mapping[str, str] | None
    minutes: int = MINUTES


def steps(quiet: float, trouble: float, minutes: int = MINUTES) -> str:
    """Return values just below the threshold, just above it, and below it again."""
    return " ".join(f"{value:g}+0x{minutes - 1}" for value in (quiet, trouble, quiet))


def always(value: float, minutes: int = MINUTES) -> str:
    """Return a constant value."""
    return f"{value:g}+0x{3 * minutes - 1}"


def clock(age: float, minutes: int = MINUTES) -> str:
    """Return a timestamp that is always `age` seconds old; the test begins at 0."""
    return f"{-age:g}+60x{3 * minutes - 1}"


def stopping_clock(age: float) -> str:
    """Return a timestamp of that age at first, constant in the second part, then current."""
    stands = 60 * (MINUTES - 1) - age
    goes_on = 60 * 2 * MINUTES - age
    return f"{-age:g}+60x{MINUTES - 1} {stands:g}+0x{MINUTES - 1} {goes_on:g}+60x{MINUTES - 1}"


def rising(minutes: int = MINUTES) -> str:
    """Return a counter that rises only in the second part."""
    return f"3+0x{minutes - 1} 4+1x{minutes - 1} {3 + minutes}+0x{minutes - 1}"


def once() -> str:
    """Return a counter that rises once, nine minutes before the end of the second part."""
    before = 2 * MINUTES - 10
    return f"0+0x{before - 1} 1+0x{3 * MINUTES - before - 1}"


def no_number() -> str:
    """Return a series that is always not a number."""
    return f"NaN+0x{3 * MINUTES - 1}"


def absent_clock() -> str:
    """Return a timestamp that exists only in the first and third part."""
    return f"0+60x{MINUTES - 1} stale _x{MINUTES - 1} {60 * 2 * MINUTES}+60x{MINUTES - 1}"
