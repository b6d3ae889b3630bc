"""Plan of a weights run: from the portfolio to one call with quotes and minimum outputs."""

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
"""The settlement token's symbol in planner requests; assets are named by address."""

NO_SLIPPAGE = Fraction(0)


@dataclass(frozen=True, slots=True)
class Estimates:
    """Estimated losses of trades by asset, as fractions of their value; absent means unknown."""

    sales: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    purchases: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])


def weights_request(
    portfolio: PortfolioState, estimates: Estimates, named: Collection[str] | None = None
) -> WeightsRequest:
    """Return the planner's request; prices are per base unit, so amounts match the chain's.

    The settlement token has no weight in a tier: proceeds beyond the purchases return to the vault
    and count as a deviation.

    Args:
        portfolio: The portfolio.
        estimates: Estimated losses of trades.
        named: The traded assets; the others have no gap. None for all.

    Raises:
        InputError: Nothing is held, or the targets do not sum to the whole.
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
        plan: The planner's plan with the quoted amounts, equal to the chain's.
        swaps: The trades with their quotes, sales first; empty if nothing is to be traded.
        call: The single call that executes them; None if nothing is to be traded.
        deadline: The call is not executed after this time.
        left_out: The trades that were left out, with reasons.
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
        """Return quoted proceeds plus purchase costs, in settlement base units."""
        return sum(
            each.step.quoted_out if each.order.kind is OrderKind.SALE else each.step.amount_in
            for each in self.swaps
        )

    @property
    def lost(self) -> int:
        """Return the quotes' loss against the oracle in settlement base units, rounded up."""
        lost = self.plan.before.total_value - self.plan.after.total_value
        return max(0, -(-lost // self.portfolio.cash_price))


async def draft(
    ports: WeightRunDependencies, snapshot: VaultSnapshot, portfolio: PortfolioState
) -> WeightsDraft:
    """Plan and quote the trades of a non-empty portfolio.

    Trades that cannot be quoted or lose too much are left out, and the plan is made again. Each
    pass leaves out one more holding, so there are few passes.
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
    """A plan with its trades, and its untradable parts by asset."""

    plan: WeightsPlan
    swaps: Sequence[tuple[Action, Swap]] = ()
    refused: Mapping[str, LeftOut] = field(default_factory=dict[str, LeftOut])


async def _tried(builder: TradeBuilder, left_out: Collection[str]) -> _Tried:
    """Plan and quote without some assets.

    Sales are sized and quoted first; purchases spend the quoted proceeds. Assets with too small
    trades are not named in the call and have no gap, so the plan is made again without them and has
    the chain's own amounts.
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
    """Yield the first trade that loses too much; without it the others change in size."""
    for action, swap in swaps:
        problem = too_lossy(action, builder.ports.runs.policy)
        if problem is not None:
            yield swap.asset, LeftOut(action.order.asset, problem, action.order.kind)
            return
