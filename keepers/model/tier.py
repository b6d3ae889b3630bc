"""The three liquidity tiers."""

from collections.abc import Iterator
from enum import IntEnum
from typing import TypeAlias


class Tier(IntEnum):
    """A liquidity tier; the number is the one that contracts use."""

    L1 = 0
    """Cash: idle settlement token in the vault."""
    L2 = 1
    """Money market."""
    L3 = 2
    """High yield."""


TierValues: TypeAlias = tuple[int, int, int]
"""A value per tier in base units of the settlement token, indexed by `Tier`."""

EVERY_TIER = frozenset(Tier)
NO_TIER: frozenset[Tier] = frozenset()


def per_tier(values: Iterator[int]) -> TierValues:
    """Gather three numbers, of L1, L2 and L3 in this order."""
    first, second, third = values
    return first, second, third
