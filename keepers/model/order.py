"""Positions, market quotes, and the orders made from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultPosition


class OrderKind(StrEnum):
    """Direction of an order."""

    SALE = "SALE"
    PURCHASE = "PURCHASE"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetPosition:
    """Asset of a tier, with everything that determines how much to sell or buy.

    Attributes:
        asset: Its name, at most once per tier.
        tier: L2 or L3; L1 is cash and has no positions.
        method: Name of its venue: `OTC`, `SWAP`, `AUTO` or another.
        value: Value held, in base units of the settlement token.
        balance: Balance held, in base units of the asset.
        target_weight: Its share of the tier. Only proportions within the tier matter.
        exit_cost: Estimated cost of selling, in basis points.
        exit_liquidity: Maximum that can be sold now, in base units of the settlement token.
        cap: Maximum that may be held, in the same units; None for no limit.
    """

    asset: str
    tier: Tier
    method: str
    value: int
    balance: int
    target_weight: BasisPoints
    exit_cost: BasisPoints
    exit_liquidity: int
    cap: int | None = None

    def __post_init__(self) -> None:
        if self.tier is Tier.L1:
            raise InputError(f"positions.{self.asset}.tier", "L1 is cash and has no positions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Order to sell or buy an asset.

    Attributes:
        kind: Sale or purchase.
        asset: The asset to sell or buy.
        tier: The tier that it belongs to.
        method: Name of the venue.
        amount: The value to sell or to spend, in base units of the settlement token.
        quantity: For a sale, `amount` in asset units at the position's own price, rounded down, or
            the whole balance if all is sold; None for a purchase.
        priority: The priority of the leg that it serves.
        leg: Index of that leg.
        depends_on: Indices of the sales, earlier in the list, that fund a purchase.
        funding: Amount spent of each of those sales; the sum is `amount`.
        reason: Reason, for display.
    """

    kind: OrderKind
    asset: str
    tier: Tier
    method: str
    amount: int
    quantity: int | None
    priority: int
    leg: int
    depends_on: tuple[int, ...] = ()
    funding: tuple[int, ...] = ()
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortfall:
    """Part of a leg that no order covers.

    `kind` tells whether sales lack liquidity or purchases lack room. A part that is too small for
    an order is also a shortfall.
    """

    leg: int
    kind: OrderKind
    amount: int


@dataclass(frozen=True, slots=True)
class OrderList:
    """Orders in execution order, and the shortfalls of the legs."""

    orders: tuple[Order, ...]
    shortfalls: tuple[Shortfall, ...]


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """Quote request: sell `amount_in` asset units, or buy for `amount_in` settlement units."""

    kind: OrderKind
    position: VaultPosition
    amount_in: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trade:
    """Sale or purchase that is made in one transaction with others.

    Attributes:
        kind: The direction.
        position: The traded position.
        amount_in: Asset units to sell, or settlement base units to spend.
        minimum_out: Smallest output, in the other unit.
        deadline: Latest time of a swap.
        gas: Most gas that it may use.
        depends_on: Indices of the trades of the same transaction that must succeed first. A
            purchase spends at most what these sales brought.
    """

    kind: OrderKind
    position: VaultPosition
    amount_in: int
    minimum_out: int
    deadline: datetime
    gas: int
    depends_on: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Quote:
    """Market quote `out`, and the amount `expected` by the oracle, in the same units.

    For an ERC-4626 fund the expected amount is its own rate without fees. `problem` is the reason
    for a missing quote, None if there is one.
    """

    amount_in: int
    out: int
    expected: int
    problem: str | None = None

    @property
    def slippage_bps(self) -> Fraction:
        """Return the loss against the oracle's value in basis points; negative for a gain."""
        if self.expected == 0:
            return Fraction(WHOLE_BPS if self.amount_in else 0)
        return Fraction((self.expected - self.out) * WHOLE_BPS, self.expected)


@dataclass(frozen=True, slots=True)
class TradingRoom:
    """Liquidity of a position now, in settlement base units; None for no limit.

    `no_exit` and `no_entry` are reasons why it cannot be sold or bought; None if it can.
    """

    exit: int | None
    entry: int | None
    no_exit: str | None = None
    no_entry: str | None = None

    @classmethod
    def closed(cls, problem: str) -> TradingRoom:
        """Return a room that is closed in both directions."""
        return cls(0, 0, problem, problem)
