"""Positions that orders are made from, quotes of a market for them, and the orders."""

from __future__ import annotations

from dataclasses import dataclass
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
    """An asset inside a tier, with all that decides how much of it to sell or to buy.

    Attributes:
        asset: Its name, at most once per tier.
        tier: L2 or L3; L1 is cash and has no positions.
        method: How it trades, as its venue is called: `OTC`, `SWAP`, `AUTO` or another.
        value: What is held, in base units of the settlement token.
        balance: What is held, in base units of the asset itself.
        target_weight: Its share of the tier. Only the proportions inside a tier count.
        exit_cost: An estimate of what selling costs, in basis points.
        exit_liquidity: The most that can be sold now, in base units of the settlement token.
        cap: The most that may be held, in the same units; None for no limit.
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
    """One call to make.

    Attributes:
        kind: Sale or purchase.
        asset: What is sold or bought.
        tier: The tier that it belongs to.
        method: How it trades.
        amount: The value to sell or to spend, in base units of the settlement token.
        quantity: For a sale the units of the asset that this is at the position's own price,
            rounded down, or the whole balance when all is sold; None for a purchase.
        priority: The priority of the leg that it serves.
        leg: The index of that leg.
        depends_on: Indices of the sales, all earlier in the list, that pay for a purchase.
        funding: How much of each of those sales it spends; their sum is the amount.
        reason: Why, for people.
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
    """The part of a leg that no order serves.

    `kind` says whether sales fall short, for want of liquidity, or purchases, for want of room; a
    part that is too small for an order also ends here.
    """

    leg: int
    kind: OrderKind
    amount: int


@dataclass(frozen=True, slots=True)
class OrderList:
    """Orders in the order in which they run, and what they leave of the legs."""

    orders: tuple[Order, ...]
    shortfalls: tuple[Shortfall, ...]


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A sale of `amount_in` asset units, or a purchase for `amount_in` settlement units."""

    kind: OrderKind
    position: VaultPosition
    amount_in: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Amount `out` of the market, and the oracle's `expected` one, in the same units.

    For an ERC-4626 fund the expectation is its own rate without fees. `problem` says why there is
    no quote, None where there is one.
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

    `no_exit` and `no_entry` say why it cannot be sold or bought at all, None where it can.
    """

    exit: int | None
    entry: int | None
    no_exit: str | None = None
    no_entry: str | None = None

    @classmethod
    def closed(cls, problem: str) -> TradingRoom:
        """No room in either direction."""
        return cls(0, 0, problem, problem)
