"""Tests of how actions share transactions: gas, priority, dependencies, and their order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.order import OrderKind
from keepers.model.tier_config import TierConfig
from keepers.model.vault import HoldingKind
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.transactions import (
    FIXED_GAS,
    GAS_PER_ACTION,
    MAX_ACTIONS,
    gas_bounds,
    minimum_of,
    trades_of,
    transactions_of,
)
from keepers.runs.tiers.volatility import is_urgent
from tests.unit.runs.risk.plans import CASH_IN, UP, Draft, position

FUND = position("FUND")
SWAP = position("SWAP", HoldingKind.VENUE)


def policy(limit: int = 2**24) -> RunPolicy:
    return RunPolicy(tiers=TierConfig.for_token(6), gas_limit=100_000, plan_gas_limit=limit)


@st.composite
def drafts(draw: st.DrawFn) -> list[Action]:
    """Return actions of several priorities whose purchases depend on earlier sales."""
    draft = Draft()
    legs = [draft.leg(CASH_IN, 1), draft.leg(UP, 3), draft.leg(UP, 4)]
    sales: list[int] = []
    for _ in range(draw(st.integers(1, 9))):
        leg = draw(st.sampled_from(legs))
        if draw(st.booleans()):
            sales.append(draft.add(OrderKind.SALE, FUND, leg))
        else:
            known = [each for each in sales if draft.actions[each].order.leg == leg]
            needed = draw(st.lists(st.sampled_from(known), unique=True)) if known else []
            draft.add(OrderKind.PURCHASE, SWAP, leg, depends_on=sorted(needed))
    return draft.actions


@given(actions=drafts(), limit=st.integers(1, 1_500_000))
def test_transactions__any_plan__keep_order_limits_and_urgency(
    actions: list[Action], limit: int
) -> None:
    gas = gas_bounds(actions, (), policy())
    groups = transactions_of(actions, gas, policy(limit))
    flat = [each for group in groups for each in group]
    assert flat == sorted(actions, key=lambda each: (each.step.priority, each.step.index))
    done: set[int] = set()
    for group in groups:
        indices = [each.step.index for each in group]
        needed = FIXED_GAS + sum(gas[index] + GAS_PER_ACTION for index in indices)
        assert len(group) == 1 or needed <= limit
        assert all(first < second for first, second in pairwise(indices))
        assert len({is_urgent(each) for each in group}) == 1
        for each in group:
            inside = set(each.step.depends_on) & set(indices)
            assert inside in (set(), set(each.step.depends_on))
            assert set(each.step.depends_on) <= done | set(indices)
        done.update(indices)


@given(actions=drafts())
def test_transactions__enough_gas__only_urgency_and_order_divide(actions: list[Action]) -> None:
    gas = gas_bounds(actions, (), policy())
    groups = transactions_of(actions, gas, policy())
    for first, second in pairwise(groups):
        joins = second[0].step.index > first[-1].step.index
        inside = {each.step.index for each in first} & set(second[0].step.depends_on)
        mixed = len(inside) not in {0, len(second[0].step.depends_on)}
        assert not joins or mixed or is_urgent(first[-1]) != is_urgent(second[0])


def test_transactions__just_enough_gas__is_one() -> None:
    draft = Draft()
    leg = draft.leg(UP)
    for _ in range(2):
        draft.add(OrderKind.PURCHASE, FUND, leg)
    gas = {0: 70_000, 1: 50_000}
    needed = FIXED_GAS + 120_000 + 2 * GAS_PER_ACTION
    assert len(transactions_of(draft.actions, gas, policy(needed))) == 1
    assert len(transactions_of(draft.actions, gas, policy(needed - 1))) == 2


def test_transactions__more_actions_than_bits__are_two() -> None:
    draft = Draft()
    leg = draft.leg(UP)
    for _ in range(MAX_ACTIONS + 1):
        draft.add(OrderKind.PURCHASE, FUND, leg)
    gas = dict.fromkeys(range(MAX_ACTIONS + 1), 1)
    assert [len(each) for each in transactions_of(draft.actions, gas, policy())] == [MAX_ACTIONS, 1]


def test_gas_bounds__known_gas__has_headroom_up_to_the_limit_of_the_kind() -> None:
    draft = Draft()
    leg = draft.leg(UP)
    for holding in (FUND, FUND, SWAP):
        draft.add(OrderKind.PURCHASE, holding, leg)
    assert gas_bounds(draft.actions, (60_000, 80_000, 80_000), policy()) == {
        0: 90_000,
        1: 100_000,
        2: 120_000,
    }
    assert gas_bounds(draft.actions, (), policy()) == {0: 100_000, 1: 100_000, 2: 200_000}


def test_trades__of_a_transaction__name_their_sales_by_place() -> None:
    draft = Draft()
    leg = draft.leg(UP)
    draft.add(OrderKind.SALE, FUND, leg)
    sale = draft.add(OrderKind.SALE, FUND, leg)
    draft.add(OrderKind.PURCHASE, SWAP, leg, depends_on=[sale])
    gas = {0: 1, 1: 2, 2: 3}
    _, sold, bought = trades_of(draft.actions, gas, {2: 50})
    assert (sold.depends_on, bought.depends_on) == ((), (1,))
    assert (bought.gas, bought.amount_in) == (3, 50)
    assert bought.minimum_out == minimum_of(draft.actions[2], 50)
    (alone,) = trades_of(draft.actions[2:], gas)
    assert alone.depends_on == ()
    assert alone.amount_in == draft.actions[2].step.amount_in
