"""Regression tests of defects in units and numbers."""

import pytest

from keepers.model.tier_config import TierConfig, TierValues
from keepers.model.tier_state import Settlement, TierState
from keepers.planning.tiers import plan_tiers


@pytest.mark.parametrize("decimals", [6, 8, 18])
def test_defect_01_any_decimals__same_plan_and_same_approval(decimals: int) -> None:
    unit = 10**decimals
    values: TierValues = (40_000 * unit, 250_000 * unit, 710_000 * unit)
    state = TierState(settlement=Settlement("USDT", decimals), values=values)

    plan = plan_tiers(state, TierConfig.for_token(decimals))

    assert [each.amount for each in plan.actions] == [60_000 * unit, 50_000 * unit]
    assert (plan.approval.required, plan.approval.deadline_hours) == (1, 2)


def test_defect_02_amount_beyond_floats__is_planned_to_the_unit() -> None:
    # As a float, the vault's value would be wrong by millions of units.
    total = 333_333_333_333_333_333_333_333
    assert int(float(total)) != total
    state = TierState(settlement=Settlement("USDT", 18), values=(total, 0, 0))

    after = plan_tiers(state, TierConfig.for_token(18)).after

    cash, money_market = -(-total // 10), 3 * total // 10
    assert after == (cash, money_market, total - cash - money_market)
