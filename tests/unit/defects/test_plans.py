"""Regression tests of planning defects."""

import json
from fractions import Fraction

import pytest

from keepers.model.errors import InputError
from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import TierPlan
from keepers.model.tier_state import Settlement, TierState
from keepers.planning.files.tiers import plan_tiers_file
from keepers.planning.tiers import plan_tiers

CONFIG = TierConfig.for_token(6)
POINT = 10**10
"""1 % of a vault of one million, in base units of six decimals."""


def planned(values: TierValues, *, due: int = 0, config: TierConfig = CONFIG) -> TierPlan:
    state = TierState(settlement=Settlement("USDT", 6), values=values, redemptions_due=due)
    return plan_tiers(state, config)


def test_defect_05_after_a_refill__small_outflow__needs_none() -> None:
    cash, money_market, high_yield = planned((4 * POINT, 25 * POINT, 71 * POINT)).after
    assert cash == 10 * POINT

    again = planned((cash - 2 * POINT, money_market, high_yield))

    assert again.triggers == ()
    assert again.actions == ()


def test_defect_11_cash_high_and_redemptions_due__nothing_is_bought_for_l3() -> None:
    # 20 % cash is a surplus, and 36 % due of 40 % liquid is urgent: the one covers the other.
    plan = planned((20 * POINT, 20 * POINT, 60 * POINT), due=36 * POINT)

    assert plan.actions
    assert all(each.to_tier is Tier.L2 for each in plan.actions)
    assert plan.after[Tier.L1] + plan.after[Tier.L2] == 45 * POINT


@pytest.mark.parametrize(("coverage", "raised"), [(8_000, 10 * POINT), (10_000, 0)])
def test_defect_13_whole_coverage__cash_counts_in_full(coverage: int, raised: int) -> None:
    config = TierConfig.for_token(6, ratios={"redemption_coverage": Fraction(coverage)})
    values: TierValues = (10 * POINT, 30 * POINT, 60 * POINT)

    plan = planned(values, due=40 * POINT, config=config)

    assert sum(each.amount for each in plan.actions) == raised


@pytest.mark.parametrize(
    ("tier", "values"),
    [
        (Tier.L2, (10, 36, 54)),
        (Tier.L2, (10, 24, 66)),
        (Tier.L3, (12, 34, 54)),
        (Tier.L3, (8, 26, 66)),
    ],
)
def test_defect_14_any_tier_off_target__plan_brings_it_back(tier: Tier, values: TierValues) -> None:
    plan = planned((values[0] * POINT, values[1] * POINT, values[2] * POINT))

    assert tier in {each.tier for each in plan.triggers}
    assert plan.after[tier] == (10 * POINT, 30 * POINT, 60 * POINT)[tier]


def test_defect_24_unknown_tier__is_refused() -> None:
    tiers = {name: {"value": "1"} for name in ("L1", "L2", "L3", "L4")}
    document = {"settlement": {"symbol": "USDT", "decimals": 6}, "tiers": tiers}

    with pytest.raises(InputError) as caught:
        plan_tiers_file(json.dumps(document).encode())

    assert caught.value.field == "tiers.L4"
    with pytest.raises(KeyError):
        Tier["L4"]
