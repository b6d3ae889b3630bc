"""Portfolio with target weights, the request to rebalance it, and the plan.

Quantities of a plan are in base units of their token: an `int` where they are rounded to the token,
a `Fraction` where they are exact. Values are fractions in the currency of prices, weights fractions
of 1.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS, BasisPoints, format_exact, format_units


class Spend(StrEnum):
    """Source that pays for purchases."""

    SURPLUS = "surplus"
    """All settlement token above its own target."""
    PROCEEDS = "proceeds"
    """Proceeds of the sales, less what the settlement token lacks itself."""


class Rounding(StrEnum):
    """Rounding of a quantity that does not end at its token's decimals."""

    TOKEN = "token"  # noqa: S105 - no password
    """Rounded down to base units, as on chain."""
    EXACT = "exact"
    """Kept as a fraction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SettlementHolding:
    """The token that is paid and received.

    Attributes:
        symbol: Its name.
        decimals: From 0 to 18.
        quantity: What is held, in base units.
        price: Of one whole token, in the currency of all prices; above 0.
        target: Its target weight in basis points; None where it is only the medium.
    """

    symbol: str
    decimals: int
    quantity: int
    price: Fraction
    target: BasisPoints | None = None

    @property
    def default_spend(self) -> Spend:
        """The surplus over its target where it has one, else proceeds alone."""
        return Spend.PROCEEDS if self.target is None else Spend.SURPLUS


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetHolding:
    """An asset with a target weight.

    Attributes:
        symbol: Its name.
        decimals: From 0 to 18.
        quantity: What is held, in base units.
        price: Of one whole token, in the currency of all prices; above 0.
        target: Its target weight in basis points.
        sell_slippage: The part of a sale's value that the market keeps; below 1.
        buy_slippage: What is paid on top of a purchase's value, as a part of it.
        sale_limit: The most base units that can be sold now; None for no limit.
        payment_limit: The most settlement base units that may be paid for it now; None for no
            limit, and with 0 it lacks nothing that anybody could buy.
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
    """A settlement token and assets, in any order.

    Raises:
        InputError: A symbol, a price, a slippage or the target weights cannot be used, or all of it
            together is worth nothing.
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
        """The settlement token, then the assets."""
        yield self.settlement
        yield from self.assets


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsRequest:
    """A portfolio and how to rebalance it.

    Attributes:
        portfolio: What is held.
        sell: Base units to sell by symbol; None sells what every asset has above its target.
        spend: What purchases are paid from.
        minimum_trade: A purchase, or a sale that `sell` does not ask for, of a lower value is
            left out; in the currency of prices.
        maximum_loss: Basis points of the total value that may be lost; None for no limit.
        rounding: Whether quantities are whole base units.

    Raises:
        InputError: `sell` names what is not held, or not so much of it, or nothing of it.
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
    """More value is lost than allowed; judged first."""
    NOT_IMPROVED = "NotImproved"
    """The weights are not strictly nearer to their targets than before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """`quantity` of an asset for `received` of the settlement token, worth `proceeds`."""

    symbol: str
    quantity: Quantity
    received: Quantity
    proceeds: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Purchase:
    """`quantity` of an asset for `paid` of the settlement token, worth `spent`."""

    symbol: str
    paid: Quantity
    spent: Fraction
    quantity: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioWeights:
    """A portfolio on the scales.

    Attributes:
        total_value: Of the assets and the settlement token.
        weights: Of the assets, by symbol.
        settlement_weight: Of the settlement token.
        deviation: The sum of absolute differences between weight and target, over the assets and,
            where it has a target, the settlement token; from 0 to 2.
    """

    total_value: Fraction
    weights: Mapping[str, Fraction]
    settlement_weight: Fraction
    deviation: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsPlan:
    """The plan: what is sold, how the budget is split, what is bought, and what comes of it.

    Everything is in the order of symbols.

    Attributes:
        sales: What is sold, before anything is bought.
        weights: Weights after the sales.
        gaps: What assets that were not sold lack, as weights; those that lack nothing left out.
        budget: The value that purchases may take.
        allocations: Its split over the gaps by value, too small ones included.
        purchases: What is bought.
        before: The portfolio as it is.
        after: The portfolio once everything is traded.
        value_loss: What the total value loses, in basis points of it.
        rejection: Why the contract would revert, None where it would not.
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
        """Return whether the weights are strictly nearer to their targets."""
        return self.after.deviation < self.before.deviation

    @property
    def accepted(self) -> bool:
        """Return whether the contract would go through with it."""
        return self.rejection is None
