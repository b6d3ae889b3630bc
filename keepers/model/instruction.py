"""Instructions: one transfer, or what should be where. Amounts are units of the token there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOrder:
    """A small one: a transfer from chain to chain.

    Attributes:
        amount: What must arrive, in units of the destination; fees come on top at the source.
        route: Which one; None for the cheapest that can carry it now.
        venue: Where it is invested afterwards; None for nowhere.
    """

    asset: str
    source: int
    destination: int
    amount: int
    route: str | None = None
    venue: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChainTarget:
    """What should be on one chain of an asset: idle, and in each venue that is named."""

    idle: int
    venues: Mapping[str, int]

    @property
    def total(self) -> int:
        """All of it."""
        return self.idle + sum(self.venues.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetOrder:
    """A big one: what should be where. Chains and venues that are not named are left alone.

    Attributes:
        targets: By asset and chain id.
        tolerance: Whole tokens by which a chain or a venue may be off without being touched.
        remainder: The chain that keeps, idle, what is there beyond all targets; by default the
            one with the largest target of the asset.
    """

    targets: Mapping[str, Mapping[int, ChainTarget]]
    tolerance: Fraction = Fraction(0)
    remainder: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruction:
    """What a person or a program wants; not begun after its deadline."""

    order: TransferOrder | TargetOrder
    deadline: datetime | None = None

    @property
    def assets(self) -> tuple[str, ...]:
        """What it is about, by name."""
        if isinstance(self.order, TransferOrder):
            return (self.order.asset,)
        return tuple(sorted(self.order.targets))
