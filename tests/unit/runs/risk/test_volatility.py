"""Tests of volatility: actions that wait for a moving feed, with the actions tied to them."""

from __future__ import annotations

from keepers.model.order import OrderKind
from keepers.model.vault import HoldingKind
from keepers.runs.tiers.volatility import Waiting, together, unread, unsettled, without_waiting
from tests.unit.runs.risk.plans import CASH_IN, UP, Draft, feed, position
from tests.unit.runs.tier_run_rig import POLICY

WETH, FUND = position("WETH", HoldingKind.VENUE), position("FUND")
CALM, JUMPY = feed("WETH", 10_000, 10_500), feed("WETH", 10_000, 10_501)
"""A move of exactly 500 basis points, and one of 501."""


def indices(waiting: tuple[Waiting, ...]) -> list[int]:
    return [each.index for each in waiting]


def purchase_of_weth() -> Draft:
    made = Draft()
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP))
    return made


def test_unsettled__move_at_the_limit__goes_on() -> None:
    assert unsettled(purchase_of_weth().actions, [CALM], "USDT", POLICY) == ()


def test_unsettled__move_above_the_limit__waits_and_says_which_feed() -> None:
    (waiting,) = unsettled(purchase_of_weth().actions, [JUMPY], "USDT", POLICY)
    assert waiting.index == 0
    assert "the price of WETH moved 501 bps within 3600 seconds" in waiting.reason


def test_unsettled__fall__is_measured_from_the_lower_price() -> None:
    # From 100 to 95.2 is 5.04 % of the lower price.
    fallen = feed("WETH", 10_000, 9_520)
    assert indices(unsettled(purchase_of_weth().actions, [fallen], "USDT", POLICY)) == [0]


def test_unsettled__spike_that_came_back__waits_too() -> None:
    spike = feed("WETH", 10_000, 11_000, 10_000)
    assert indices(unsettled(purchase_of_weth().actions, [spike], "USDT", POLICY)) == [0]


def test_unsettled__settlement_moves__everything_patient_waits() -> None:
    made = Draft()
    leg = made.leg(UP)
    made.add(OrderKind.PURCHASE, FUND, leg)
    made.add(OrderKind.PURCHASE, WETH, leg)
    depegged = feed("USDT", 10_000, 9_400)
    assert indices(unsettled(made.actions, [depegged], "USDT", POLICY)) == [0, 1]


def test_unsettled__urgent_sale_of_the_same_asset__goes_on() -> None:
    made = Draft()
    made.add(OrderKind.SALE, WETH, made.leg(CASH_IN, priority=1))
    made.add(OrderKind.PURCHASE, WETH, made.leg(UP))
    waiting = unsettled(made.actions, [JUMPY], "USDT", POLICY)
    assert indices(waiting) == [1]
    kept = without_waiting(made.planned(), waiting)
    assert [each.step.index for each in kept.actions] == [0]
    assert kept.step_ids == (100,)


def test_unsettled__purchase_that_sales_pay_for__waits_with_all_that_hang_together() -> None:
    made = Draft()
    leg = made.leg(UP)
    first = made.add(OrderKind.SALE, FUND, leg)
    second = made.add(OrderKind.SALE, position("OTHER"), leg)
    made.add(OrderKind.PURCHASE, WETH, leg, depends_on=[first])
    made.add(OrderKind.PURCHASE, position("CREDIT"), leg, depends_on=[first, second])
    alone = made.add(OrderKind.PURCHASE, position("ALONE"), leg)
    waiting = unsettled(made.actions, [JUMPY], "USDT", POLICY)
    assert indices(waiting) == [0, 1, 2, 3]
    assert together(made.actions, alone) == {alone}


def test_unsettled__other_assets_feed__is_no_concern() -> None:
    other = feed("HYD", 100, 200)
    assert unsettled(purchase_of_weth().actions, [other], "USDT", POLICY) == ()


def test_unread__feed_that_does_not_reach_back__is_told() -> None:
    (note,) = unread([CALM, feed("HYD", 100, reaches=False)])
    assert "the feed of HYD has no prices back to" in note
