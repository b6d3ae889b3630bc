r"""Arithmetic of amounts, and exact conversion between numbers and text.

Amounts are always an `int` in base units of their token, never a float. Accepted text is
`(0|[1-9][0-9]*)(\.[0-9]+)?`, with a minus sign only where a function allows it: no exponent, no
space, no leading zero, no bare point. Formatted text has the same form, without trailing zeros.
"""

import re
from fractions import Fraction
from typing import TypeAlias

from keepers.model.errors import NumberError

BasisPoints: TypeAlias = int | Fraction
"""Share in basis points, exact, not necessarily whole."""

WHOLE_BPS = 10_000
"""100 % in basis points."""

UINT256_MAX = 2**256 - 1
"""Largest amount that a contract can store."""


def share_rounded_up(share: BasisPoints, whole: int) -> int:
    """Return a share of `whole` in base units, rounded up (for required amounts)."""
    return -(-share * whole // WHOLE_BPS)


def share_rounded_down(share: BasisPoints, whole: int) -> int:
    """Return a share of `whole` in base units, rounded down (for limits)."""
    return share * whole // WHOLE_BPS


LONGEST_NUMERAL = 100
"""Maximum length of parsed text: 78 digits of a uint256, a point, 18 decimals, a sign."""

_NUMERAL = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<decimals>[0-9]+))?")


def _match(text: str, *, signed: bool) -> re.Match[str]:
    if len(text) > LONGEST_NUMERAL:
        raise NumberError(f"has {len(text)} characters, more than the {LONGEST_NUMERAL} allowed")
    found = _NUMERAL.fullmatch(text)
    if found is None or (found["sign"] and not signed):
        raise NumberError(f"{text!a} is not a number like 0, 12 or 12.5")
    return found


def parse_units(text: str, decimals: int) -> int:
    """Parse an amount in whole tokens to base units, exactly.

    Args:
        text: The number in whole tokens, not negative.
        decimals: Decimals of the token; `12.5` with 6 gives 12,500,000.

    Raises:
        NumberError: Invalid form, more decimals than the token has, or more than 256 bits.
    """
    found = _match(text, signed=False)
    fraction = found["decimals"] or ""
    if len(fraction) > decimals:
        raise NumberError(f"{text} has {len(fraction)} decimals, the token has {decimals}")
    units = int(found["whole"] + fraction.ljust(decimals, "0"))
    if units > UINT256_MAX:
        raise NumberError(f"{text} does not fit into 256 bits")
    return units


def format_units(units: int, decimals: int) -> str:
    """Format base units as whole tokens: 12,500,000 with 6 decimals is `12.5`."""
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return sign + f"{whole}.{fraction}".rstrip("0").rstrip(".")


def parse_exact(text: str, *, signed: bool = False) -> Fraction:
    """Parse a fraction, a price or basis points without rounding.

    Args:
        text: The number.
        signed: Whether a minus sign is allowed.

    Raises:
        NumberError: Invalid form.
    """
    _match(text, signed=signed)
    return Fraction(text)


def format_exact(number: Fraction | int) -> str:
    """Format a number with a finite decimal expansion; 1/8 is `0.125`.

    Raises:
        NumberError: The decimal expansion is infinite, as that of 1/3.
    """
    number = Fraction(number)
    rest, places = number.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest, power = rest // prime, power + 1
        places = max(places, power)
    if rest != 1:
        raise NumberError(f"{number} has no finite decimal form")
    return format_units(int(number * 10**places), places)


def format_rounded(number: Fraction | int, places: int) -> str:
    """Format a number exactly if `places` decimals suffice, else rounded half to even."""
    return format_units(round(Fraction(number) * 10**places), places)
