"""Tests of trades inside a tier, for a vault of 1,000 with 600 in L3."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.model.order import AssetPosition
from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import (
    ActionType,
    Approval,
    TierAction,
    TierPlan,
    TierTrigger,
    TriggerKind,
)
from keepers.model.tier_state import Settlement
from keepers.planning.tiers.diversification import Diversified, diversify

VALUES: TierValues = (100, 300, 600)
USDT = Settlement("USDT", 0)
THRESHOLD = TriggerKind.THRESHOLD


def position(asset: str, value: int, weight: int, tier: Tier = Tier.L3) -> AssetPosition:
    return AssetPosition(
        asset=asset,
        tier=tier,
        method="SWAP",
        value=value,
        balance=value,
        target_weight=weight,
        exit_cost=0,
        exit_liquidity=value,
    )


def concentration(asset: str | None = None) -> TierTrigger:
    return TierTrigger(THRESHOLD, None, "too much", asset=asset)


def plan_of(*triggers: TierTrigger, actions: tuple[TierAction, ...] = ()) -> TierPlan:
    return TierPlan(
        triggers=triggers,
        before=VALUES,
        actions=actions,
        after=VALUES,
        approval=Approval(0, None, review_afterwards=False),
        portfolios_due=(),
        unmet=(),
    )


def diversified(
    plan: TierPlan, positions: list[AssetPosition], least: int = 10, **ratios: int
) -> Diversified:
    amounts = {
        "rebalance_min_amount": least,
        "rebalance_review_threshold": 0,
        "rebalance_approval_threshold": 60,
    }
    return diversify(plan, positions, TierConfig.for_token(0, amounts=amounts, ratios=ratios), USDT)


HELD = [position("A", 250, 2), position("B", 150, 2), position("C", 200, 2)]
"""Positions with a target of 200 each."""


def moved(found: Diversified) -> list[tuple[Tier, Tier, int, int]]:
    return [(e.from_tier, e.to_tier, e.amount, e.priority) for e in found.plan.actions]


@pytest.mark.parametrize(
    "plan",
    [
        plan_of(),
        plan_of(TierTrigger(THRESHOLD, Tier.L3, "a tier")),
        plan_of(TierTrigger(TriggerKind.EVENT, None, "an event", asset="A")),
    ],
    ids=["nothing", "a tier", "an event"],
)
def test_diversify__no_concentration__stays(plan: TierPlan) -> None:
    assert diversified(plan, HELD) == Diversified(plan)


def test_diversify__plan_moves_something__stays() -> None:
    action = TierAction(
        type=ActionType.PURCHASE,
        from_tier=Tier.L1,
        to_tier=Tier.L3,
        amount=1,
        priority=3,
        reason="",
    )
    plan = plan_of(concentration("A"), actions=(action,))
    assert diversified(plan, HELD) == Diversified(plan)


@pytest.mark.parametrize("asset", ["A", None])
def test_diversify__holding_above_its_target__trades_the_excess(asset: str | None) -> None:
    found = diversified(plan_of(concentration(asset)), HELD)

    assert moved(found) == [(Tier.L3, Tier.L3, 50, 3)]
    assert found.plan.actions[0].type is ActionType.DIVERSIFY
    assert found.plan.actions[0].reason == (
        "too much of the vault in few holdings; L3 goes to its target weights"
    )
    assert found.idle == ()
    assert found.plan.approval == Approval(0, None, review_afterwards=True)


@pytest.mark.parametrize(("least", "moves"), [(50, 1), (51, 0)])
def test_diversify__excess_at_the_smallest_trade__is_traded(least: int, moves: int) -> None:
    found = diversified(plan_of(concentration("A")), HELD, least)
    assert len(found.plan.actions) == moves
    reason = (
        f"too much: the excess above target weight is less than REBALANCE_MIN_AMOUNT, {least} USDT"
    )
    assert found.idle == (() if moves else (reason,))


def test_diversify__two_causes_and_little_above__names_both() -> None:
    found = diversified(plan_of(concentration("A"), concentration()), HELD, 51)
    (reason,) = found.idle
    assert reason == (
        "too much; too much: the excess above target weight is less than REBALANCE_MIN_AMOUNT, "
        "51 USDT"
    )


def test_diversify__manual_or_large__needs_an_approval() -> None:
    asked = TierTrigger(TriggerKind.MANUAL, None, "asked for")
    assert diversified(plan_of(concentration("A"), asked), HELD).plan.approval.required == 1
    large = [replace(HELD[0], value=261), *HELD[1:]]
    assert diversified(plan_of(concentration("A")), large).plan.approval.required == 1


def test_diversify__largest_three__of_all_tiers_by_value_and_name() -> None:
    # The three largest are M, A and C, so that both tiers trade; B and N are smaller.
    held = [
        position("N", 100, 1, Tier.L2),
        position("M", 200, 1, Tier.L2),
        position("B", 140, 1),
        position("A", 260, 1),
        position("C", 200, 1),
    ]
    found = diversified(plan_of(concentration()), held)
    assert moved(found) == [(Tier.L2, Tier.L2, 50, 3), (Tier.L3, Tier.L3, 60, 3)]
    # AA is as large as C: with A, all three largest are in L3, so that L2 does not trade.
    others = [replace(held[1], value=190), replace(held[0], value=110), *held[2:]]
    others.append(position("AA", 200, 1))
    assert {each[0] for each in moved(diversified(plan_of(concentration()), others))} == {Tier.L3}


def test_diversify__no_weights_in_the_tier__all_of_it_is_above() -> None:
    held = [position("A", 400, 0), position("B", 200, 0)]
    assert moved(diversified(plan_of(concentration("A")), held)) == [(Tier.L3, Tier.L3, 600, 3)]


def test_diversify__thirds_of_a_unit__round_down() -> None:
    held = [position("A", 400, 2), position("B", 200, 1, Tier.L3), position("C", 0, 4)]
    # 600 * 2/7 are 171.4..., 600 * 1/7 are 85.7...: above by 228.57 and 114.28.
    assert moved(diversified(plan_of(concentration("A")), held)) == [(Tier.L3, Tier.L3, 342, 3)]


@pytest.mark.parametrize(("allowed", "is_contradiction"), [(2_000, False), (1_999, True)])
def test_diversify__target_above_the_limit_of_a_holding__says_what_to_change(
    allowed: int, is_contradiction: bool
) -> None:
    held = [replace(each, value=200) for each in HELD]
    found = diversified(plan_of(concentration("A")), held, asset_concentration=allowed)
    (reason,) = found.idle
    assert reason == (
        "too much, and no trade can change it: at their target weights A are 20 % of the vault, "
        "above ASSET_CONCENTRATION of 19.99 %; lower their targets on chain, or raise that setting"
        if is_contradiction
        else "too much: the excess above target weight is less than REBALANCE_MIN_AMOUNT, 10 USDT"
    )


@pytest.mark.parametrize(("allowed", "is_contradiction"), [(6_000, False), (5_999, True)])
def test_diversify__targets_above_the_limit_of_three__says_what_to_change(
    allowed: int, is_contradiction: bool
) -> None:
    held = [replace(each, value=200) for each in HELD]
    (reason,) = diversified(plan_of(concentration()), held, top3_concentration=allowed).idle
    assert ("A, B, C are 60 % of the vault, above TOP3_CONCENTRATION of 59.99 %" in reason) is (
        is_contradiction
    )
