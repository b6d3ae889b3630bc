"""Arithmetic of money: an `int` in base units of its token, wherever it is; never a float."""

from fractions import Fraction
from typing import TypeAlias

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
