"""Property tests of rollbacks."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.order import OrderKind
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import Executed, Rollback, TriggerKind
from keepers.planning.orders import plan_orders
from keepers.planning.rollback import plan_rollback
from keepers.planning.tiers import plan_tiers
from tests.unit.planning.rollback.paper import CONFIG, Asset, Paper

pytestmark = pytest.mark.long

SCALE = 10**6
prices = st.sampled_from([Fraction(1), Fraction(3, 2), Fraction(1, 3), Fraction(17, 5)])
units = st.integers(0, 400 * SCALE)


@st.composite
def vaults(draw: st.DrawFn) -> Paper:
    """Draw a vault with two holdings in each tier, at several prices."""
    assets = {
        name: Asset(tier, draw(units), draw(prices), draw(st.sampled_from([2_500, 5_000])))
        for tier, names in ((Tier.L2, "AB"), (Tier.L3, "CD"))
        for name in names
    }
    return Paper(draw(units), assets, fee=draw(st.sampled_from([Fraction(0), Fraction(1, 200)])))


def rebalanced(paper: Paper) -> tuple[Executed, ...]:
    """Bring every tier to its target and return the executed actions."""
    legs = plan_tiers(paper.state(), CONFIG, TriggerKind.MANUAL).actions
    return paper.run(plan_orders(legs, paper.positions(), 0).orders)


def rollback_of(paper: Paper, executed: tuple[Executed, ...]) -> Rollback:
    return plan_rollback(executed, paper.positions(), paper.state(), CONFIG, run_id="r")


@st.composite
def vaults_in_their_bands(draw: st.DrawFn) -> Paper:
    """Draw a vault with L1 from 5 to 20 %, L2 from 20 to 40 %, L3 from 50 to 70 %."""
    first = draw(st.integers(50, 200))
    second = draw(st.integers(max(200, 300 - first), min(400, 500 - first)))
    worth = {Tier.L2: second * SCALE, Tier.L3: (1_000 - first - second) * SCALE}
    assets: dict[str, Asset] = {}
    for tier, (one, other) in ((Tier.L2, "AB"), (Tier.L3, "CD")):
        part = worth[tier] * draw(st.integers(0, 10)) // 10
        for name, value in ((one, part), (other, worth[tier] - part)):
            price = draw(prices)
            assets[name] = Asset(tier, int(value / price), price)
    fee = draw(st.sampled_from([Fraction(0), Fraction(1, 200)]))
    return Paper(first * SCALE, assets, fee=fee)


@given(vaults(), st.data())
def test_rollback__never__sells_more_than_was_received_or_is_held(
    paper: Paper, data: st.DataObject
) -> None:
    paper.failing = set(data.draw(st.lists(st.integers(0, 5), max_size=2)))
    executed = rebalanced(paper)
    for each in paper.assets.values():  # holdings are sold, and prices move
        each.units = data.draw(st.integers(0, each.units))
        each.price *= data.draw(prices)
    found = rollback_of(paper, executed)
    for name, asset in paper.assets.items():
        came = sum(
            each.received
            for each in executed
            if each.asset == name and each.kind is OrderKind.PURCHASE
        )
        sold = sum(each.quantity or 0 for each in found.orders.orders if each.asset == name)
        assert sold <= min(came, asset.units)


@given(vaults(), st.data())
def test_rollback__never__spends_more_on_an_asset_than_its_sales_brought(
    paper: Paper, data: st.DataObject
) -> None:
    executed = rebalanced(paper)
    for each in paper.assets.values():
        each.price *= data.draw(prices)
    found = rollback_of(paper, executed)
    for name in paper.assets:
        brought = sum(
            each.received for each in executed if each.asset == name and each.kind is OrderKind.SALE
        )
        spent = sum(
            each.amount
            for each in found.orders.orders
            if each.asset == name and each.kind is OrderKind.PURCHASE
        )
        assert spent <= brought


@given(vaults(), st.data())
def test_rollback__purchases__keep_bands_and_cash(paper: Paper, data: st.DataObject) -> None:
    executed = rebalanced(paper)
    for each in paper.assets.values():
        each.price *= data.draw(prices)
    found = rollback_of(paper, executed)
    total = sum(paper.values)
    bought = [each for each in found.orders.orders if each.kind is OrderKind.PURCHASE]
    for tier in {each.tier for each in bought}:
        assert found.plan.after[tier] * 10_000 <= CONFIG.band(tier).maximum * total
    if bought:
        assert found.plan.after[Tier.L1] * 10_000 >= CONFIG.band(Tier.L1).minimum * total
    assert sum(found.plan.after) == total


@given(vaults())
def test_rollback__dependencies__are_of_earlier_sales_and_their_funding_adds_up(
    paper: Paper,
) -> None:
    orders = rollback_of(paper, rebalanced(paper)).orders.orders
    drawn = dict.fromkeys(range(len(orders)), 0)
    for index, order in enumerate(orders):
        assert all(sale < index for sale in order.depends_on)
        assert all(orders[sale].kind is OrderKind.SALE for sale in order.depends_on)
        if order.depends_on:
            assert sum(order.funding) == order.amount
        for sale, spent in zip(order.depends_on, order.funding, strict=True):
            drawn[sale] += spent
    assert all(spent <= orders[sale].amount for sale, spent in drawn.items())


@given(vaults())
def test_rollback__legs__are_what_orders_and_shortfalls_add_up_to(paper: Paper) -> None:
    found = rollback_of(paper, rebalanced(paper))
    for index, leg in enumerate(found.plan.actions):
        placed = sum(each.amount for each in found.orders.orders if each.leg == index)
        short = sum(each.amount for each in found.orders.shortfalls if each.leg == index)
        assert placed + short == leg.amount


@given(vaults_in_their_bands())
def test_rollback__of_a_whole_run__brings_the_tiers_back_but_for_fees(paper: Paper) -> None:
    before = paper.values
    executed = rebalanced(paper)
    paper.run(rollback_of(paper, executed).orders.orders)
    # One unit of rounding for each price and order, and the fees of both directions.
    rounding = 8 * (2 * len(executed) + 1)
    lost = int(paper.spent * paper.fee) + rounding
    for tier in Tier:
        assert abs(paper.values[tier] - before[tier]) <= lost


@given(vaults())
def test_rollback__of_nothing__is_nothing(paper: Paper) -> None:
    found = rollback_of(paper, ())
    assert found.orders.orders == ()
    assert found.plan.after == paper.values
