"""Names for the plain values that must not be mixed up.

Money is an `int` in the base units of its token, wherever it is: never a float. The types here
cost nothing at run time and let the type checker keep units apart.
"""

from fractions import Fraction
from typing import NewType, TypeAlias

Wei = NewType("Wei", int)
"""An amount of a chain's own coin, in its smallest unit."""

Bps = NewType("Bps", int)
"""A share in whole basis points, as contracts hold it: 10,000 are the whole."""

Nonce = NewType("Nonce", int)
"""A sender's transaction count on one chain."""

Address = NewType("Address", str)
"""A checksummed account or contract address with its `0x`."""

Hash = NewType("Hash", str)
"""Thirty-two bytes in lower-case hexadecimal with their `0x`."""

ChainName = NewType("ChainName", str)
"""A state machine id, as in `EVM-42161`."""

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
