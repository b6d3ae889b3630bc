"""Number formatting for readers: rounded, grouped, with units; the JSON report is exact."""

from datetime import datetime, timedelta
from fractions import Fraction

WEI_DECIMALS = 18
NOTHING = "\u2013"
"""Placeholder for a missing figure: an en dash."""

_MINUTE = 60
_HOUR = 60 * _MINUTE


def grouped(units: int, decimals: int, places: int = 2) -> str:
    """Format base units as whole tokens with fixed decimal places: `1,234,567.89`."""
    scaled = round(Fraction(units * 10**places, 10**decimals))
    whole, rest = divmod(abs(scaled), 10**places)
    sign = "-" if scaled < 0 else ""
    return f"{sign}{whole:,}.{rest:0{places}d}" if places else f"{sign}{whole:,}"


def percent(share: Fraction | None, places: int = 2) -> str:
    """Format a share of the whole: `12.50 %`."""
    return (
        NOTHING
        if share is None
        else f"{grouped(round(share * 10 ** (places + 2)), places, places)} %"
    )


def percent_of_bps(bps: int) -> str:
    """Format whole basis points without trailing zeros: 500 is `5 %`."""
    return f"{grouped(bps, 2, 2).rstrip('0').rstrip('.')} %"


def coin(wei: int) -> str:
    """Format an amount of a chain's native token."""
    return grouped(wei, WEI_DECIMALS, 6)


def bps(text: str | None) -> str:
    """Format basis points, given as text, as a percentage."""
    return NOTHING if text is None else percent(Fraction(text) / 10_000, 3)


def moment(at: datetime) -> str:
    """Format a time to the second; all times in reports are UTC."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def iso_time(at: datetime | None) -> str | None:
    """Format a time for documents."""
    return None if at is None else at.isoformat()


def exact(units: int | None) -> str | None:
    """Format base units for documents as text, since JSON readers lose precision on integers."""
    return None if units is None else str(units)


def duration(span: timedelta) -> str:
    """Format a span in its largest two units."""
    seconds = round(span.total_seconds())
    if seconds < _MINUTE:
        return f"{span.total_seconds():.1f} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"


def period_text(seconds: int) -> str:
    """Format a span in its largest whole unit: 86,400 seconds are `24 h`."""
    for unit, length in (("h", _HOUR), ("min", _MINUTE)):
        if seconds % length == 0:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"


def short(text: str, first: int = 8, last: int = 6) -> str:
    """Shorten a long hexadecimal text to its ends."""
    return text if len(text) <= first + last + 2 else f"{text[:first]}…{text[-last:]}"


def one_line(message: str) -> str:
    """Return a message on one line, with unprintable characters replaced."""
    return "".join(each if each.isprintable() else " " for each in message)
