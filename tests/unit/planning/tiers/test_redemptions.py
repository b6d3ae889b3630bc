"""Tests of the priority of redemptions, for a vault of 1,000 with a coverage of 80 %."""

from __future__ import annotations

import pytest

from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import (
    ActionType,
    Approval,
    TierAction,
    TierPlan,
    TierTrigger,
    TriggerKind,
)
from keepers.model.tier_state import Settlement, TierState
from keepers.planning.tiers.legs import values_after
from keepers.planning.tiers.redemptions import redemptions_first

VALUES: TierValues = (100, 200, 700)
LIQUIDITY, MANUAL = TriggerKind.LIQUIDITY, TriggerKind.MANUAL
THRESHOLDS = {
    "rebalance_review_threshold": 0,
    "rebalance_approval_threshold": 330,
    "rebalance_multisig_threshold": 1_000,
}


def action(giver: Tier, taker: Tier, amount: int) -> TierAction:
    return TierAction(
        type=ActionType.REDEEM,
        from_tier=giver,
        to_tier=taker,
        amount=amount,
        priority=3,
        reason="",
    )


def plan_of(*actions: TierAction, kind: TriggerKind | None = LIQUIDITY) -> TierPlan:
    return TierPlan(
        triggers=() if kind is None else (TierTrigger(kind, None, ""),),
        before=VALUES,
        actions=actions,
        after=values_after(VALUES, actions),
        approval=Approval(0, None, review_afterwards=False),
        portfolios_due=(),
        unmet=(),
    )


def revised(
    plan: TierPlan, due: int, sellable: TierValues = VALUES, approval_above: int = 330
) -> TierPlan:
    config = TierConfig.for_token(
        0, amounts=THRESHOLDS | {"rebalance_approval_threshold": approval_above}
    )
    state = TierState(settlement=Settlement("USDT", 0), values=VALUES, redemptions_due=due)
    return redemptions_first(plan, state, config, sellable)


def rows(plan: TierPlan) -> list[tuple[Tier, Tier, int, int]]:
    return [(each.from_tier, each.to_tier, each.amount, each.priority) for each in plan.actions]


@pytest.mark.parametrize(("due", "is_revised"), [(240, False), (241, True)])
def test_redemptions_first__covered_after_the_plan__stays(due: int, is_revised: bool) -> None:
    # 240 of 300 are 80 %.
    plan = plan_of()
    assert (revised(plan, due) is not plan) is is_revised


def test_redemptions_first__no_trigger__stays() -> None:
    plan = plan_of(kind=None)
    assert revised(plan, 900) is plan


def test_redemptions_first__l3_can_give_less__l2_gives_the_rest() -> None:
    plan = revised(plan_of(action(Tier.L3, Tier.L2, 150)), 400, (100, 180, 100))

    # Of 400 due, 100 are in cash and 100 come from L3; of the other 200, L2 can give 180.
    assert rows(plan) == [(Tier.L3, Tier.L1, 150, 0), (Tier.L2, Tier.L1, 180, 1)]
    assert plan.after == (430, 20, 550)
    assert [each.type for each in plan.actions] == [ActionType.REDEEM, ActionType.TRANSFER]
    assert plan.actions[0].reason == (
        "redemptions of 400 USDT are due, more than L1 and L2 may cover"
    )


def test_redemptions_first__l3_can_give_what_was_planned__l2_gives_what_is_still_missing() -> None:
    plan = revised(plan_of(action(Tier.L3, Tier.L2, 50)), 300)
    assert rows(plan) == [(Tier.L3, Tier.L1, 50, 0), (Tier.L2, Tier.L1, 150, 1)]


@pytest.mark.parametrize(
    ("given", "due", "amount"),
    [
        # 260 due less 100 in cash leave 160; the 170 of the plan are more.
        (170, 260, 170),
        (150, 260, 160),
        (0, 260, 160),
    ],
)
def test_redemptions_first__l2__gives_what_is_missing_or_what_was_planned(
    given: int, due: int, amount: int
) -> None:
    actions = [action(Tier.L2, Tier.L3, given)] if given else []
    assert rows(revised(plan_of(*actions), due)) == [(Tier.L2, Tier.L1, amount, 1)]


def test_redemptions_first__cash_suffices_for_what_is_due__l2_gives_nothing() -> None:
    # 100 due are covered by cash, although 125 of L1 and L2 are needed and only 120 stay.
    plan = plan_of(action(Tier.L2, Tier.L3, 0), action(Tier.L1, Tier.L3, 180))
    found = revised(plan, 100)
    assert rows(found) == []
    assert found.after == VALUES


@pytest.mark.parametrize(
    ("kind", "approval_above", "required"),
    [(LIQUIDITY, 330, 0), (LIQUIDITY, 329, 1), (MANUAL, 330, 1)],
)
def test_redemptions_first__approval__is_by_the_new_total(
    kind: TriggerKind, approval_above: int, required: int
) -> None:
    plan = plan_of(action(Tier.L3, Tier.L1, 150), kind=kind)
    found = revised(plan, 400, (100, 180, 100), approval_above)
    assert found.total_amount == 330
    assert found.approval.required == required
