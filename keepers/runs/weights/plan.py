"""Plan of a run of weights: from the portfolio to one call with quotes and minimum outputs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction

from keepers.model.chain import ContractCall
from keepers.model.left_out import LeftOut
from keepers.model.order import OrderKind
from keepers.model.vault import VaultSnapshot
from keepers.model.weights import (
    AssetHolding,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsPlan,
    WeightsRequest,
)
from keepers.model.weights_run import Constituent, PortfolioState, Swap
from keepers.planning.weights import plan_weights
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.losses import too_lossy
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.trades import TradeBuilder, unquoted

CASH = "settlement token"
"""What the planner calls it; assets go by their addresses."""

NO_SLIPPAGE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Losses of trades by asset, as parts of their value; none where none is known."""

    sales: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    purchases: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])


def weights_request(
    portfolio: PortfolioState, estimates: Estimates, named: Collection[str] | None = None
) -> WeightsRequest:
    """Return the planner's request; prices are of base units, so amounts are the chain's.

    The settlement token has no weight in a tier: what sales bring beyond the purchases goes home,
    and counts as off its target.

    Args:
        portfolio: The portfolio.
        estimates: What trades lose.
        named: The assets that are traded; the others are no gap. None for all.

    Raises:
        InputError: Nothing is held, or the targets make no whole.
    """
    cash = SettlementHolding(
        symbol=CASH, decimals=0, quantity=0, price=Fraction(portfolio.cash_price), target=0
    )
    assets = tuple(_asset(each, estimates, named) for each in portfolio.constituents)
    return WeightsRequest(
        portfolio=WeightedPortfolio(settlement=cash, assets=assets),
        spend=Spend.PROCEEDS,
        minimum_trade=Fraction(portfolio.terms.minimum_trade * portfolio.cash_price),
        maximum_loss=portfolio.terms.maximum_loss_bps,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsDraft:
    """Trades of a run before they are stored.

    Attributes:
        snapshot: The vault.
        portfolio: The portfolio.
        plan: The planner's plan with what the quotes say; amounts are those of the chain.
        swaps: The trades with their quotes, sales first; empty where nothing is to be traded.
        call: The one call that makes them; None where nothing is to be traded.
        deadline: After it nothing of it runs.
        left_out: The trades without which it was planned, and why.
    """

    snapshot: VaultSnapshot
    portfolio: PortfolioState
    plan: WeightsPlan
    swaps: tuple[Action, ...]
    call: ContractCall | None
    deadline: datetime
    left_out: tuple[LeftOut, ...] = ()

    @property
    def turnover(self) -> int:
        """Sum of what sales are quoted to bring and purchases cost, in settlement base units."""
        return sum(
            each.step.quoted_out if each.order.kind is OrderKind.SALE else each.step.amount_in
            for each in self.swaps
        )

    @property
    def lost(self) -> int:
        """Value that the quotes lose against the oracle, in settlement base units, rounded up."""
        lost = self.plan.before.total_value - self.plan.after.total_value
        return max(0, -(-lost // self.portfolio.cash_price))


async def draft(
    ports: WeightRunDependencies, snapshot: VaultSnapshot, portfolio: PortfolioState
) -> WeightsDraft:
    """Plan the trades of a portfolio that holds something, and quote them.

    What cannot be quoted, or would lose too much, is left out, and the plan is made again without
    it. Each turn leaves out one more holding, so there are few.
    """
    deadline = snapshot.at + timedelta(seconds=ports.runs.policy.plan_expiry_seconds)
    builder = TradeBuilder(ports, snapshot, portfolio, deadline)
    left_out: dict[str, LeftOut] = {}
    while True:
        tried = await _tried(builder, left_out)
        if not tried.refused:
            break
        left_out |= tried.refused
    swaps = [swap for _, swap in tried.swaps]
    return WeightsDraft(
        snapshot=snapshot,
        portfolio=portfolio,
        plan=tried.plan,
        swaps=tuple(action for action, _ in tried.swaps),
        call=ports.portfolios.call(portfolio, swaps) if swaps else None,
        deadline=deadline,
        left_out=tuple(left_out.values()),
    )


@dataclass(frozen=True, slots=True)
class _Tried:
    """A plan with its trades, and what of it cannot be traded, by asset."""

    plan: WeightsPlan
    swaps: Sequence[tuple[Action, Swap]] = ()
    refused: Mapping[str, LeftOut] = field(default_factory=dict[str, LeftOut])


async def _tried(builder: TradeBuilder, left_out: Collection[str]) -> _Tried:
    """Plan and quote without some assets.

    Sales are sized first and quoted; purchases spend what these are quoted to bring. What is too
    small is not named in the call, and what is not named is no gap: so the plan is made again
    without it, and has the chain's own amounts.
    """
    portfolio = builder.portfolio
    named = [each.asset for each in portfolio.constituents if each.asset not in left_out]
    plan = plan_weights(weights_request(portfolio, Estimates(), named))
    sales = builder.listed(OrderKind.SALE, {each.symbol: int(each.quantity) for each in plan.sales})
    sold = await builder.quoted(sales)
    refused = dict(unquoted(sales, sold))
    if refused:
        return _Tried(plan, refused=refused)
    sale_losses = builder.slippages(sales, sold)
    plan = plan_weights(weights_request(portfolio, Estimates(sale_losses), named))
    named = [each.symbol for each in (*plan.sales, *plan.purchases)]
    plan = plan_weights(weights_request(portfolio, Estimates(sale_losses), named))
    paid = {each.symbol: int(each.paid) for each in plan.purchases}
    purchases = builder.listed(OrderKind.PURCHASE, paid, len(sales))
    bought = await builder.quoted(purchases)
    refused = dict(unquoted(purchases, bought))
    if refused:
        return _Tried(plan, refused=refused)
    swaps = (*await builder.swaps(sales, sold), *await builder.swaps(purchases, bought))
    losses = Estimates(sale_losses, builder.slippages(purchases, bought))
    plan = plan_weights(weights_request(portfolio, losses, named))
    return _Tried(plan, swaps, dict(_lossy(builder, swaps)))


def _lossy(
    builder: TradeBuilder, swaps: Sequence[tuple[Action, Swap]]
) -> Iterator[tuple[str, LeftOut]]:
    """Yield the first trade that would lose too much: without it the others are of another size."""
    for action, swap in swaps:
        problem = too_lossy(action, builder.ports.runs.policy)
        if problem is not None:
            yield swap.asset, LeftOut(action.order.asset, problem, action.order.kind)
            return
