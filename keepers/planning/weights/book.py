"""A portfolio as integers on one scale."""

from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm
from typing import TypeAlias

from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.weights import (
    AssetHolding,
    PortfolioWeights,
    Quantity,
    Rounding,
    SettlementHolding,
    WeightsRequest,
)

ScaledValue: TypeAlias = int | Fraction
"""A value in units of the book's scale; an integer if quantities are."""


def divide(numerator: ScaledValue, denominator: ScaledValue, rounding: Rounding) -> Quantity:
    """Return the quotient of two non-negative numbers, floored or exact."""
    if rounding is Rounding.TOKEN:
        return numerator // denominator
    return Fraction(numerator) / denominator


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedPosition:
    """One token of a book.

    `quantity` is in base units, `price` is the value of one base unit on the book's scale, `target`
    is in basis points, slippages are fractions of a trade's value. `sale_limit` is in base units of
    the token, `payment_limit` in those of the settlement token; None means no limit.
    """

    symbol: str
    quantity: Quantity
    price: int
    target: BasisPoints
    sell_slippage: Fraction
    buy_slippage: Fraction
    sale_limit: int | None = None
    payment_limit: int | None = None

    @property
    def value(self) -> ScaledValue:
        """Return quantity times price."""
        return self.quantity * self.price

    def gained(self, quantity: Quantity) -> "WeightedPosition":
        """Return the position with its quantity increased."""
        return replace(self, quantity=self.quantity + quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioBook:
    """All holdings, with assets sorted by symbol.

    Attributes:
        scale: Value units per unit of the currency.
        settlement: The settlement token; its target is 0 if it is only the medium of exchange.
        settlement_counts: Whether its weight is part of the deviation.
        assets: The other tokens.
    """

    scale: int
    settlement: WeightedPosition
    settlement_counts: bool
    assets: tuple[WeightedPosition, ...]

    @property
    def total(self) -> ScaledValue:
        """Return the total value."""
        return sum((asset.value for asset in self.assets), self.settlement.value)

    @property
    def deviation(self) -> ScaledValue:
        """Return the sum of `abs(10000 * V - t * T)`, in ten-thousandths of a value unit."""
        total = self.total
        measured = (*self.assets, self.settlement) if self.settlement_counts else self.assets
        return sum(abs(WHOLE_BPS * each.value - each.target * total) for each in measured)

    def in_currency(self, value: ScaledValue) -> Fraction:
        """Convert a scaled value to the currency of prices."""
        return Fraction(value) / self.scale

    def weights(self) -> dict[str, Fraction]:
        """Return the weights of the assets by symbol."""
        total = self.total
        return {asset.symbol: Fraction(asset.value) / total for asset in self.assets}

    def weighed(self) -> PortfolioWeights:
        """Return total, weights and deviation."""
        return PortfolioWeights(
            total_value=self.in_currency(self.total),
            weights=self.weights(),
            settlement_weight=Fraction(self.settlement.value) / self.total,
            deviation=Fraction(self.deviation) / (WHOLE_BPS * self.total),
        )


def book_of(request: WeightsRequest) -> PortfolioBook:
    """Return the current book on the smallest scale that makes all base unit values integers."""
    portfolio = request.portfolio
    scale = lcm(*(_unit_value(holding).denominator for holding in portfolio.holdings()))
    assets = sorted(portfolio.assets, key=lambda asset: asset.symbol)
    return PortfolioBook(
        scale=scale,
        settlement=_position(portfolio.settlement, scale),
        settlement_counts=portfolio.settlement.target is not None,
        assets=tuple(
            replace(
                _position(asset, scale),
                sell_slippage=asset.sell_slippage,
                buy_slippage=asset.buy_slippage,
                sale_limit=asset.sale_limit,
                payment_limit=asset.payment_limit,
            )
            for asset in assets
        ),
    )


def _unit_value(holding: SettlementHolding | AssetHolding) -> Fraction:
    return holding.price / 10**holding.decimals


def _position(holding: SettlementHolding | AssetHolding, scale: int) -> WeightedPosition:
    return WeightedPosition(
        symbol=holding.symbol,
        quantity=holding.quantity,
        price=int(_unit_value(holding) * scale),
        target=holding.target or 0,
        sell_slippage=Fraction(0),
        buy_slippage=Fraction(0),
    )
