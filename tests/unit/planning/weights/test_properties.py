"""Property tests of plans, for any portfolio."""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keepers.model.errors import InputError
from keepers.model.weights import (
    AssetHolding,
    Quantity,
    Rejection,
    Rounding,
    Spend,
    WeightsPlan,
    WeightsRequest,
)
from keepers.planning.files.weights import (
    answer_weights_request,
    decode_weights_request,
    encode_weights_request,
)
from keepers.planning.weights import plan_weights
from tests.unit.planning.weights.strategies import documents

pytestmark = pytest.mark.long


def read(document: dict[str, Any]) -> WeightsRequest:
    return decode_weights_request(json.dumps(document).encode())


@dataclass(frozen=True)
class Case:
    """Request with its plan, and shorthands for both."""

    request: WeightsRequest
    plan: WeightsPlan

    @property
    def assets(self) -> dict[str, AssetHolding]:
        return {asset.symbol: asset for asset in self.request.portfolio.assets}

    @property
    def cash(self) -> Fraction:
        """Value of the settlement token after the sales."""
        settlement = self.request.portfolio.settlement
        held = settlement.quantity * settlement.price / 10**settlement.decimals
        return held + sum(sale.proceeds for sale in self.plan.sales)

    @property
    def aim(self) -> Fraction:
        """Target value of the settlement token after the sales."""
        return Fraction(self.request.portfolio.settlement.target or 0) / 10_000 * self.total

    @property
    def total(self) -> Fraction:
        """Total value after the sales."""
        return self.plan.before.total_value - sum(
            self.value(sale.symbol, sale.quantity) - sale.proceeds for sale in self.plan.sales
        )

    def value(self, symbol: str, quantity: Quantity) -> Fraction:
        asset = self.assets[symbol]
        return quantity * asset.price / 10**asset.decimals


def planned(request: WeightsRequest) -> WeightsPlan:
    """Return the plan, if rounding leaves any value to weigh."""
    try:
        return plan_weights(request)
    except InputError:
        assume(False)
        raise


def case_of(document: dict[str, Any]) -> Case:
    request = read(document)
    return Case(request, planned(request))


CASES = documents().map(case_of)
IN_TOKENS = documents(rounding="token").map(case_of)


def with_prices(request: WeightsRequest, change: Callable[[Fraction], Fraction]) -> WeightsRequest:
    portfolio = request.portfolio
    settlement = replace(portfolio.settlement, price=change(portfolio.settlement.price))
    assets = tuple(replace(each, price=change(each.price)) for each in portfolio.assets)
    return replace(
        request,
        portfolio=replace(portfolio, settlement=settlement, assets=assets),
        minimum_trade=change(request.minimum_trade),
    )


@given(CASES)
def test_plan_weights__any_portfolio__loses_what_trades_lose_and_is_judged_by_it(
    case: Case,
) -> None:
    plan = case.plan
    sold = sum(case.value(each.symbol, each.quantity) - each.proceeds for each in plan.sales)
    bought = sum(each.spent - case.value(each.symbol, each.quantity) for each in plan.purchases)
    lost = plan.before.total_value - plan.after.total_value

    assert lost == sold + bought
    assert 0 <= lost <= plan.before.total_value
    assert plan.value_loss == 10_000 * lost / plan.before.total_value
    for weighing in (plan.before, plan.after):
        assert sum(weighing.weights.values()) + weighing.settlement_weight == 1
        assert min(*weighing.weights.values(), weighing.settlement_weight) >= 0
        assert 0 <= weighing.deviation <= 2

    limit = case.request.maximum_loss
    worse = None if plan.after.deviation < plan.before.deviation else Rejection.NOT_IMPROVED
    too_much = limit is not None and plan.value_loss > limit
    assert plan.improved == (worse is None)
    assert plan.rejection == (Rejection.MAX_TOTAL_VALUE_LOSS if too_much else worse)
    assert plan.accepted == (plan.rejection is None)


@given(CASES)
def test_plan_weights__any_portfolio__spends_its_surplus_and_fills_its_gaps(case: Case) -> None:
    plan = case.plan
    needed = sum(plan.gaps.values()) * case.total
    proceeds = sum(sale.proceeds for sale in plan.sales)
    sold = {sale.symbol for sale in plan.sales}
    above = max(Fraction(0), case.cash - case.aim)

    assert plan.budget == (
        above if case.request.spend is Spend.SURPLUS else min(Fraction(proceeds), above)
    )
    assert sum(plan.allocations.values()) == min(plan.budget, needed)
    assert sum(each.spent for each in plan.purchases) <= plan.budget <= case.cash
    assert len({plan.allocations[name] / plan.gaps[name] for name in plan.allocations}) <= 1
    for symbol, allocation in plan.allocations.items():
        assert allocation <= plan.gaps[symbol] * case.total
    for purchase in plan.purchases:
        assert purchase.spent <= plan.allocations[purchase.symbol]
        assert case.value(purchase.symbol, purchase.quantity) <= purchase.spent
    assert sold.isdisjoint(plan.gaps)
    assert sold.isdisjoint(each.symbol for each in plan.purchases)


@given(IN_TOKENS)
def test_plan_weights__rounded_to_tokens__no_quantity_exceeds_the_exact_one(case: Case) -> None:
    settlement = case.request.portfolio.settlement
    unit = settlement.price / 10**settlement.decimals

    for sale in case.plan.sales:
        kept = 1 - case.assets[sale.symbol].sell_slippage
        exact = case.value(sale.symbol, sale.quantity) * kept
        assert exact - unit < sale.proceeds <= exact
        assert isinstance(sale.quantity, int)
    for purchase in case.plan.purchases:
        asset = case.assets[purchase.symbol]
        allocation, cost = case.plan.allocations[purchase.symbol], 1 + asset.buy_slippage
        exact = purchase.spent / asset.price / cost * 10**asset.decimals
        assert allocation - unit < purchase.spent <= allocation
        assert exact - 1 < purchase.quantity <= exact


@given(IN_TOKENS)
def test_plan_weights__rounded_to_tokens__trades_no_more_than_exact(case: Case) -> None:
    request = replace(case.request, sell=None, minimum_trade=Fraction(0))
    rounded = {sale.symbol: int(sale.quantity) for sale in planned(request).sales}
    for sale in planned(replace(request, rounding=Rounding.EXACT)).sales:
        assert 0 <= sale.quantity - rounded.get(sale.symbol, 0) < 1

    request = replace(request, sell=rounded)
    plan, exact = (planned(replace(request, rounding=each)) for each in Rounding)

    assert plan.budget <= exact.budget
    assert sum(each.spent for each in plan.purchases) <= sum(each.spent for each in exact.purchases)


@given(CASES, st.fractions(Fraction(1, 10**9), 10**9))
def test_plan_weights__prices_in_another_currency__same_trades(case: Case, rate: Fraction) -> None:
    other = plan_weights(with_prices(case.request, lambda price: price * rate))

    assert [(each.symbol, each.quantity, each.received) for each in other.sales] == [
        (each.symbol, each.quantity, each.received) for each in case.plan.sales
    ]
    assert [(each.symbol, each.quantity, each.paid) for each in other.purchases] == [
        (each.symbol, each.quantity, each.paid) for each in case.plan.purchases
    ]
    assert other.after.weights == case.plan.after.weights
    assert other.rejection == case.plan.rejection


@given(CASES, st.integers(0, 1000))
def test_plan_weights__members_and_assets_in_another_order__same_answer_and_id(
    case: Case, seed: int
) -> None:
    document, order = encode_weights_request(case.request), random.Random(seed)
    portfolio = case.request.portfolio
    assets = tuple(order.sample(portfolio.assets, len(portfolio.assets)))
    other = replace(case.request, portfolio=replace(portfolio, assets=assets))
    mixed = dict(order.sample(list(document.items()), len(document)))

    assert answer_weights_request(other) == answer_weights_request(case.request)
    assert answer_weights_request(read(mixed)) == answer_weights_request(case.request)
