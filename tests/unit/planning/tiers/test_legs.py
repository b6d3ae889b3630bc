"""Tests of legs between values and goals, and of the texts of their actions."""

from __future__ import annotations

import pytest

from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import ActionType
from keepers.model.tier_state import Settlement
from keepers.planning.tiers.legs import (
    Leg,
    approval_for,
    is_worth_it,
    legs_between,
    limit,
    money,
    percent,
    points,
    to_action,
)

L1, L2, L3 = Tier


@pytest.mark.parametrize(
    ("values", "goals", "legs"),
    [
        ((100, 300, 600), (100, 300, 600), ()),
        # A tier at its goal neither gives nor takes, not even one unit.
        ((101, 299, 600), (100, 300, 600), (Leg(L1, L2, 1),)),
        ((99, 300, 601), (100, 300, 600), (Leg(L3, L1, 1),)),
        ((150, 280, 570), (100, 300, 600), (Leg(L1, L2, 20), Leg(L1, L3, 30))),
        ((80, 310, 610), (100, 300, 600), (Leg(L2, L1, 10), Leg(L3, L1, 10))),
    ],
)
def test_legs_between__values_and_goals__go_from_above_to_below(
    values: TierValues, goals: TierValues, legs: tuple[Leg, ...]
) -> None:
    assert legs_between(values, goals) == legs


@pytest.mark.parametrize(
    ("giver", "amount", "urgent", "is_made"),
    [
        (L3, 10, False, True),
        (L3, 9, False, False),
        (L3, 9, True, True),
        (L2, 9, True, False),
        (L2, 10, True, True),
    ],
)
def test_is_worth_it__small_leg__is_made_of_l3_for_pressing_redemptions(
    giver: Tier, amount: int, urgent: bool, is_made: bool
) -> None:
    assert is_worth_it(Leg(giver, L1, amount), 10, urgent=urgent) is is_made


@pytest.mark.parametrize(
    ("giver", "taker", "urgent", "kind", "priority"),
    [
        (L2, L1, False, ActionType.TRANSFER, 1),
        (L2, L1, True, ActionType.TRANSFER, 1),
        (L3, L1, False, ActionType.REDEEM, 2),
        (L3, L1, True, ActionType.REDEEM, 0),
        (L3, L2, False, ActionType.REDEEM, 3),
        (L3, L2, True, ActionType.REDEEM, 0),
        (L1, L2, True, ActionType.TRANSFER, 3),
        (L1, L3, False, ActionType.PURCHASE, 3),
        (L2, L3, True, ActionType.PURCHASE, 3),
    ],
)
def test_to_action__ends__give_type_and_priority(
    giver: Tier, taker: Tier, urgent: bool, kind: ActionType, priority: int
) -> None:
    action = to_action(Leg(giver, taker, 7), (1, 2, 3), Settlement("USDT", 0), urgent=urgent)

    assert (action.type, action.priority, action.amount) == (kind, priority, 7)
    assert action.reason == (
        f"{giver.name} is above its goal of {giver + 1} USDT, "
        f"{taker.name} below its goal of {taker + 1} USDT"
    )


@pytest.mark.parametrize("threshold", [0, 1])
def test_approval_for__no_actions__is_not_reviewed(threshold: int) -> None:
    config = TierConfig.for_token(0, amounts={"rebalance_review_threshold": threshold})
    assert not approval_for(0, config, manual=False).review_afterwards
    assert approval_for(1, config, manual=False).review_afterwards


def test_texts__shares_and_amounts__are_rounded_at_four_places() -> None:
    assert [percent(1, 3), percent(65, 1_000), percent(1, 1), percent(3, 0)] == [
        "33.3333 %",
        "6.5 %",
        "100 %",
        "over 100 %",
    ]
    assert (limit(800), points(55)) == ("8 %", "0.55 points")
    assert money(35_000_500_000, Settlement("USDT", 6)) == "35000.5 USDT"
