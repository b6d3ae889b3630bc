"""From the chain's scales to what the planner reads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from keepers.model.weights import (
    AssetHolding,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsRequest,
)
from keepers.model.weights_run import Constituent, PortfolioState

CASH = "settlement token"
"""What the planner calls it; assets go by their addresses."""

NO_SLIPPAGE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Estimates:
    """What trades lose, by asset, as parts of their value; nothing where nothing is known."""

    sales: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    purchases: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])


def weights_request(
    scales: PortfolioState, estimates: Estimates, named: Collection[str] | None = None
) -> WeightsRequest:
    """The planner's request; prices are of base units, so that amounts are those of the chain.

    The settlement token has no weight in a tier: what sales bring beyond the purchases goes home,
    and counts as off its target.

    Args:
        scales: The portfolio.
        estimates: What trades lose.
        named: The assets that are traded; the others are no gap. None for all.

    Raises:
        InputError: Nothing is held, or the targets make no whole.
    """
    cash = SettlementHolding(
        symbol=CASH, decimals=0, quantity=0, price=Fraction(scales.cash_price), target=0
    )
    assets = tuple(_asset(each, estimates, named) for each in scales.constituents)
    return WeightsRequest(
        portfolio=WeightedPortfolio(settlement=cash, assets=assets),
        spend=Spend.PROCEEDS,
        minimum_trade=Fraction(scales.terms.minimum_trade * scales.cash_price),
        maximum_loss=scales.terms.maximum_loss_bps,
    )


def _asset(each: Constituent, estimates: Estimates, named: Collection[str] | None) -> AssetHolding:
    is_named = named is None or each.asset in named
    return AssetHolding(
        symbol=each.asset,
        decimals=0,
        quantity=each.quantity,
        price=Fraction(each.price),
        target=each.target_bps,
        sell_slippage=estimates.sales.get(each.asset, NO_SLIPPAGE),
        buy_slippage=estimates.purchases.get(each.asset, NO_SLIPPAGE),
        sale_limit=each.sale_limit if is_named else 0,
        payment_limit=each.payment_limit if is_named else 0,
    )
