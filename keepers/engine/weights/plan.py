"""From a portfolio on the scales to one call with quotes and minimum outputs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepers.domain.chain import ContractCall
from keepers.domain.order import OrderKind
from keepers.domain.vault import VaultSnapshot
from keepers.domain.weights_plan import WeightsPlan
from keepers.domain.weights_run import Scales
from keepers.engine.rebalance.action import Action
from keepers.engine.weights.request import Estimates, weights_request
from keepers.engine.weights.trades import TradeDesk
from keepers.engine.weights.world import WeightsWorld
from keepers.planning.weights import plan_weights


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsDraft:
    """What a run would do, before it is stored.

    Attributes:
        snapshot: The vault.
        scales: The portfolio.
        plan: The planner's plan with what the quotes say; amounts are those of the chain.
        swaps: The trades with their quotes, sales first; empty where nothing is to be traded.
        call: The one call that makes them; None where nothing is to be traded.
        deadline: After it nothing of it runs.
    """

    snapshot: VaultSnapshot
    scales: Scales
    plan: WeightsPlan
    swaps: tuple[Action, ...]
    call: ContractCall | None
    deadline: datetime

    @property
    def turnover(self) -> int:
        """What sales are quoted to bring and purchases cost, in settlement base units."""
        return sum(
            each.step.quoted_out if each.order.kind is OrderKind.SALE else each.step.amount_in
            for each in self.swaps
        )

    @property
    def lost(self) -> int:
        """Value that the quotes lose against the oracle, in settlement base units, rounded up."""
        lost = self.plan.before.total_value - self.plan.after.total_value
        return max(0, -(-lost // self.scales.cash_price))


async def draft(world: WeightsWorld, snapshot: VaultSnapshot, scales: Scales) -> WeightsDraft:
    """Plan the trades of a portfolio that holds something, and quote them.

    Sales are sized first and quoted; purchases spend what these are quoted to bring. What is too
    small is not named in the call, and what is not named is no gap: so the plan is made again
    without it, and has the chain's own amounts.
    """
    deadline = snapshot.at + timedelta(seconds=world.runs.policy.plan_expiry_seconds)
    desk = TradeDesk(world, snapshot, scales, deadline)
    plan = plan_weights(weights_request(scales, Estimates()))
    sales = desk.listed(OrderKind.SALE, {each.symbol: int(each.quantity) for each in plan.sales})
    sold = await desk.quoted(sales)
    sale_losses = desk.slippages(sales, sold)
    plan = plan_weights(weights_request(scales, Estimates(sale_losses)))
    named = [each.symbol for each in (*plan.sales, *plan.purchases)]
    plan = plan_weights(weights_request(scales, Estimates(sale_losses), named))
    paid = {each.symbol: int(each.paid) for each in plan.purchases}
    purchases = desk.listed(OrderKind.PURCHASE, paid, len(sales))
    bought = await desk.quoted(purchases)
    losses = Estimates(sale_losses, desk.slippages(purchases, bought))
    swaps = (*await desk.swaps(sales, sold), *await desk.swaps(purchases, bought))
    return WeightsDraft(
        snapshot=snapshot,
        scales=scales,
        plan=plan_weights(weights_request(scales, losses, named)),
        swaps=tuple(action for action, _ in swaps),
        call=world.portfolios.call(scales, [swap for _, swap in swaps]) if swaps else None,
        deadline=deadline,
    )
