r"""Arithmetic of money, and exact conversion between numbers and their text.

Amounts are an `int` in base units of their token, wherever they are; never a float. A text is
`(0|[1-9][0-9]*)(\.[0-9]+)?`, with a minus sign only where a function says so: no exponent, no sign
otherwise, no space, no leading zero, no bare point. What is printed has the same form, without
trailing zeros.
"""

import re
from fractions import Fraction
from typing import TypeAlias

from keepers.model.errors import NumberError

BasisPoints: TypeAlias = int | Fraction
"""A share in basis points that need not be whole, exact all the same."""

WHOLE_BPS = 10_000
"""Basis points in the whole."""

UINT256_MAX = 2**256 - 1
"""The largest amount that a contract can hold."""


def share_rounded_up(share: BasisPoints, whole: int) -> int:
    """The share of a whole in base units, rounded up, as a need is."""
    return -(-share * whole // WHOLE_BPS)


def share_rounded_down(share: BasisPoints, whole: int) -> int:
    """The share of a whole in base units, rounded down, as a limit is."""
    return share * whole // WHOLE_BPS


LONGEST_NUMERAL = 100
"""Characters in the longest text read: 78 digits of a uint256, a point, 18 decimals, a sign."""

_NUMERAL = re.compile(r"(?P<sign>-?)(?P<whole>0|[1-9][0-9]*)(?:\.(?P<decimals>[0-9]+))?")


def _match(text: str, *, signed: bool) -> re.Match[str]:
    if len(text) > LONGEST_NUMERAL:
        raise NumberError(f"has {len(text)} characters, more than the {LONGEST_NUMERAL} allowed")
    found = _NUMERAL.fullmatch(text)
    if found is None or (found["sign"] and not signed):
        raise NumberError(f"{text!a} is not a number like 0, 12 or 12.5")
    return found


def parse_units(text: str, decimals: int) -> int:
    """Read whole tokens into base units, exactly.

    Args:
        text: The number in whole tokens, not negative.
        decimals: Decimals of the token; `12.5` with 6 gives 12,500,000.

    Raises:
        NumberError: Not of the form, more decimals than the token has, or beyond 256 bits.
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
    """Print base units as whole tokens: 12,500,000 with 6 decimals is `12.5`."""
    sign, digits = ("-" if units < 0 else ""), str(abs(units)).rjust(decimals + 1, "0")
    whole, fraction = digits[: len(digits) - decimals], digits[len(digits) - decimals :]
    return sign + f"{whole}.{fraction}".rstrip("0").rstrip(".")


def parse_exact(text: str, *, signed: bool = False) -> Fraction:
    """Read a fraction, a price or basis points without rounding.

    Args:
        text: The number.
        signed: Whether a minus sign is allowed.

    Raises:
        NumberError: Not of the form.
    """
    _match(text, signed=signed)
    return Fraction(text)


def format_exact(number: Fraction | int) -> str:
    """Print a number whose decimals end; 1/8 is `0.125`.

    Raises:
        NumberError: Its decimals go on for ever, as those of 1/3 do.
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
    """Print a number exactly if it ends within so many places, else rounded half to even."""
    return format_units(round(Fraction(number) * 10**places), places)
