"""Portfolio with target weights, the rebalance request, and the plan.

Quantities of a plan are in base units of their token: an `int` if rounded to the token's decimals,
a `Fraction` if exact. Values are fractions in the currency of prices; weights are fractions of 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS, BasisPoints, format_exact, format_units


class Spend(StrEnum):
    """Source of funds for purchases."""

    SURPLUS = "surplus"
    """All settlement token above its own target."""
    PROCEEDS = "proceeds"
    """Proceeds of the sales, less the settlement token's own deficit."""


class Rounding(StrEnum):
    """Rounding of a quantity to its token's decimals."""

    TOKEN = "token"  # noqa: S105 - no password
    """Rounded down to base units, as on chain."""
    EXACT = "exact"
    """Kept as a fraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementHolding:
    """Holding of the settlement token, which pays for all trades.

    Attributes:
        symbol: Its name.
        decimals: Token decimals, from 0 to 18.
        quantity: Balance, in base units.
        price: Price of one whole token, in the common currency; above 0.
        target: Target weight in basis points; None if it is only the medium of exchange.
    """

    symbol: str
    decimals: int
    quantity: int
    price: Fraction
    target: BasisPoints | None = None

    @property
    def default_spend(self) -> Spend:
        """Return SURPLUS if the token has a target weight, else PROCEEDS."""
        return Spend.PROCEEDS if self.target is None else Spend.SURPLUS


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHolding:
    """Holding of an asset with a target weight.

    Attributes:
        symbol: Its name.
        decimals: Token decimals, from 0 to 18.
        quantity: Balance, in base units.
        price: Price of one whole token, in the common currency; above 0.
        target: Its target weight in basis points.
        sell_slippage: Fraction of a sale's value that is lost to the market; below 1.
        buy_slippage: Fraction of a purchase's value that is paid on top of it.
        sale_limit: Maximum base units that can be sold now; None for no limit.
        payment_limit: Maximum settlement base units that may be paid for it now; None for no
            limit; with 0 it has no gap to fill.
    """

    symbol: str
    decimals: int
    quantity: int
    price: Fraction
    target: BasisPoints
    sell_slippage: Fraction = Fraction(0)
    buy_slippage: Fraction = Fraction(0)
    sale_limit: int | None = None
    payment_limit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPortfolio:
    """Settlement token and assets, in any order.

    Raises:
        InputError: A symbol, a price, a slippage or the target weights are invalid, or the total
            value is 0.
    """

    settlement: SettlementHolding
    assets: tuple[AssetHolding, ...]

    def __post_init__(self) -> None:
        if self.settlement.price <= 0:
            raise InputError("settlement.price", "must be above 0")
        seen = {self.settlement.symbol}
        for index, asset in enumerate(self.assets):
            _check_asset(asset, f"assets[{index}]", seen)
            seen.add(asset.symbol)
        targets = sum((asset.target for asset in self.assets), self.settlement.target or 0)
        if targets != WHOLE_BPS:
            total = format_exact(targets)
            problem = f"target_weight_bps sum to {total}, the settlement token's included"
            raise InputError("assets", f"{problem}, not to {WHOLE_BPS}")
        if not any(holding.quantity for holding in self.holdings()):
            raise InputError("assets", "have a total value of 0, the settlement token included")

    def holdings(self) -> Iterator[SettlementHolding | AssetHolding]:
        """Yield the settlement token, then the assets."""
        yield self.settlement
        yield from self.assets


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsRequest:
    """Portfolio and rebalance parameters.

    Attributes:
        portfolio: The portfolio.
        sell: Base units to sell by symbol; None sells every asset's excess over its target.
        spend: Source of funds for purchases.
        minimum_trade: Minimum value of a purchase, or of a sale not named in `sell`; smaller ones
            are omitted; in the currency of prices.
        maximum_loss: Maximum loss of total value in basis points; None for no limit.
        rounding: Whether quantities are whole base units.

    Raises:
        InputError: `sell` names an asset that is not held, more than is held, or 0.
    """

    portfolio: WeightedPortfolio
    sell: Mapping[str, int] | None = None
    spend: Spend
    minimum_trade: Fraction = Fraction(0)
    maximum_loss: BasisPoints | None = None
    rounding: Rounding = Rounding.TOKEN

    def __post_init__(self) -> None:
        held = {asset.symbol: asset for asset in self.portfolio.assets}
        for symbol, quantity in (self.sell or {}).items():
            if symbol not in held:
                raise InputError(f"sell.{symbol}", "is not one of the assets")
            _check_sale(quantity, held[symbol])


def _check_asset(asset: AssetHolding, path: str, seen: set[str]) -> None:
    if asset.symbol in seen:
        raise InputError(f"{path}.symbol", f"{asset.symbol!a} is held twice")
    if asset.price <= 0:
        raise InputError(f"{path}.price", "must be above 0")
    if asset.sell_slippage >= 1:
        problem = f"{format_exact(asset.sell_slippage)} is not below 1: a sale would yield nothing"
        raise InputError(f"{path}.sell_slippage", problem)


def _check_sale(quantity: int, asset: AssetHolding) -> None:
    path = f"sell.{asset.symbol}"
    if quantity <= 0:
        raise InputError(path, "must be above 0")
    if quantity > asset.quantity:
        wanted, held = (format_units(each, asset.decimals) for each in (quantity, asset.quantity))
        raise InputError(path, f"{wanted} is more than the {held} held")


Quantity: TypeAlias = int | Fraction
"""Base units of a token."""


class Rejection(StrEnum):
    """Reason why the contract would revert; the names are those of its errors."""

    MAX_TOTAL_VALUE_LOSS = "MaxTotalValueLoss"
    """The value loss exceeds the maximum; checked first."""
    NOT_IMPROVED = "NotImproved"
    """The weights are not strictly closer to their targets than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """Sale of `quantity` for `received` of the settlement token, worth `proceeds`."""

    symbol: str
    quantity: Quantity
    received: Quantity
    proceeds: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """Purchase of `quantity` for `paid` of the settlement token, worth `spent`."""

    symbol: str
    paid: Quantity
    spent: Fraction
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioWeights:
    """Value and weights of a portfolio.

    Attributes:
        total_value: Value of the assets and the settlement token.
        weights: Weights of the assets, by symbol.
        settlement_weight: Weight of the settlement token.
        deviation: Sum of the absolute differences between weight and target, over the assets and,
            if it has a target, the settlement token; from 0 to 2.
    """

    total_value: Fraction
    weights: Mapping[str, Fraction]
    settlement_weight: Fraction
    deviation: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPlan:
    """Plan: sales, split of the budget, purchases, and expected result.

    All sequences are ordered by symbol.

    Attributes:
        sales: Sales, executed before purchases.
        weights: Weights after the sales.
        gaps: Missing weight of each unsold asset that is below its target.
        budget: Value available for purchases.
        allocations: Split of the budget over the gaps, by value, including too small ones.
        purchases: Purchases.
        before: Portfolio before the trades.
        after: Portfolio after all trades.
        value_loss: Loss of total value, in basis points.
        rejection: Reason why the contract would revert; None if it would not.
    """

    sales: tuple[Sale, ...]
    weights: Mapping[str, Fraction]
    gaps: Mapping[str, Fraction]
    budget: Fraction
    allocations: Mapping[str, Fraction]
    purchases: tuple[Purchase, ...]
    before: PortfolioWeights
    after: PortfolioWeights
    value_loss: Fraction
    rejection: Rejection | None

    @property
    def improved(self) -> bool:
        """Return whether the weights are strictly closer to their targets."""
        return self.after.deviation < self.before.deviation

    @property
    def accepted(self) -> bool:
        """Return whether the contract would accept the plan."""
        return self.rejection is None
