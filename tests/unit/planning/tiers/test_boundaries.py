"""Tests of strict comparisons: a trigger fires one base unit beyond a limit, not at it."""

from fractions import Fraction

import pytest

from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import TriggerKind
from keepers.model.tier_state import (
    Event,
    PriceMove,
    Settlement,
    Subscription,
    TierHolding,
    TierState,
)
from keepers.planning.tiers import plan_tiers
from keepers.planning.tiers.legs import approval_for

USDT = Settlement("USDT", 6)
CONFIG = TierConfig.for_token(6)
T = 10**12  # one million USDT
ON_TARGET: TierValues = (T // 10, 3 * T // 10, 6 * T // 10)


def kinds(state: TierState) -> list[tuple[TriggerKind, Tier | None, str | None]]:
    return [(row.kind, row.tier, row.asset) for row in plan_tiers(state, CONFIG).triggers]


def vault(cash: int, money_market: int) -> TierState:
    return TierState(settlement=USDT, values=(cash, money_market, T - cash - money_market))


@pytest.mark.parametrize(
    ("cash", "money_market", "fires"),
    [
        (8 * T // 100, 3 * T // 10, []),
        (8 * T // 100 - 1, 3 * T // 10, [(TriggerKind.LIQUIDITY, Tier.L1, None)]),
        (15 * T // 100, 3 * T // 10, []),
        (T // 10, 35 * T // 100, []),
        (T // 10, 35 * T // 100 + 1, [(TriggerKind.THRESHOLD, Tier.L2, None)]),
        (T // 10, 25 * T // 100, []),
        (T // 10, 25 * T // 100 - 1, [(TriggerKind.THRESHOLD, Tier.L2, None)]),
    ],
)
def test_plan_tiers__tier_at_a_limit__fires_only_beyond_it(
    cash: int, money_market: int, fires: list[object]
) -> None:
    fired = kinds(vault(cash, money_market))

    assert [row for row in fired if row[1] is not Tier.L3] == fires


def test_plan_tiers__cash_one_unit_above_15_percent__fires_liquidity_and_threshold() -> None:
    fired = kinds(vault(15 * T // 100 + 1, 3 * T // 10))

    assert fired[:2] == [
        (TriggerKind.LIQUIDITY, Tier.L1, None),
        (TriggerKind.THRESHOLD, Tier.L1, None),
    ]


@pytest.mark.parametrize(("extra", "fires"), [(0, False), (1, True)])
def test_plan_tiers__redemptions_at_80_percent_of_liquid__fire_only_beyond(
    extra: int, fires: bool
) -> None:
    state = TierState(settlement=USDT, values=ON_TARGET, redemptions_due=32 * T // 100 + extra)

    assert bool(kinds(state)) == fires


@pytest.mark.parametrize(("extra", "fires"), [(0, False), (1, True)])
def test_plan_tiers__holding_at_a_quarter__fires_only_beyond(extra: int, fires: bool) -> None:
    holdings = (TierHolding("A", Tier.L3, T // 4 + extra),)
    state = TierState(settlement=USDT, values=ON_TARGET, holdings=holdings)

    assert kinds(state) == ([(TriggerKind.THRESHOLD, None, "A")] if fires else [])


@pytest.mark.parametrize(("extra", "fires"), [(0, False), (1, True)])
def test_plan_tiers__three_largest_at_60_percent__fire_only_beyond(extra: int, fires: bool) -> None:
    fifth = T // 5
    holdings = tuple(TierHolding(name, Tier.L3, fifth) for name in "ABC")
    holdings = (
        *holdings[:2],
        TierHolding("C", Tier.L3, fifth + extra),
        TierHolding("D", Tier.L2, 1),
    )
    state = TierState(settlement=USDT, values=ON_TARGET, holdings=holdings)
    plan = plan_tiers(state, CONFIG)

    assert [(row.kind, row.tier) for row in plan.triggers] == (
        [(TriggerKind.THRESHOLD, None)] if fires else []
    )
    assert plan.portfolios_due == ((Tier.L3,) if fires else ())


@pytest.mark.parametrize(
    ("event", "fires"),
    [
        (Subscription(10**11), False),
        (Subscription(10**11 + 1), True),
        (PriceMove("A", Fraction(1, 20)), False),
        (PriceMove("A", Fraction(-1, 20)), False),
        (PriceMove("A", Fraction(1, 20) + Fraction(1, 10**30)), True),
        (PriceMove("A", Fraction(-1, 20) - Fraction(1, 10**30)), True),
    ],
)
def test_plan_tiers__event_at_its_limit__fires_only_beyond(event: Event, fires: bool) -> None:
    holdings = (TierHolding("A", Tier.L3, 1),)
    state = TierState(settlement=USDT, values=ON_TARGET, holdings=holdings, events=(event,))

    assert bool(kinds(state)) == fires


@pytest.mark.parametrize(
    ("total", "required", "hours", "review"),
    [
        (0, 0, None, False),
        (10 * 10**9 - 1, 0, None, False),
        (10 * 10**9, 0, None, True),
        (50 * 10**9, 0, None, True),
        (50 * 10**9 + 1, 1, 2, False),
        (200 * 10**9, 1, 2, False),
        (200 * 10**9 + 1, 2, 4, False),
    ],
)
def test_approval_for__total_at_a_limit__steps_up_only_beyond_it(
    total: int, required: int, hours: int | None, review: bool
) -> None:
    approval = approval_for(total, CONFIG, manual=False)

    assert (approval.required, approval.deadline_hours) == (required, hours)
    assert approval.review_afterwards is review


@pytest.mark.parametrize(
    ("total", "required", "hours"), [(0, 0, None), (1, 1, 2), (200 * 10**9 + 1, 2, 4)]
)
def test_approval_for__manual_plan__needs_one_as_soon_as_it_does_something(
    total: int, required: int, hours: int | None
) -> None:
    approval = approval_for(total, CONFIG, manual=True)

    assert (approval.required, approval.deadline_hours) == (required, hours)
    assert not approval.review_afterwards


@pytest.mark.parametrize(("due", "missing"), [(T, []), (T + 1, [1])])
def test_plan_tiers__redemptions_above_all_that_there_is__are_unmet(
    due: int, missing: list[int]
) -> None:
    state = TierState(settlement=USDT, values=ON_TARGET, redemptions_due=due)
    assert [each.amount for each in plan_tiers(state, CONFIG).unmet] == missing


@pytest.mark.parametrize(
    ("weekly", "reason", "due"),
    [
        (False, "daily check of tiers", ()),
        (True, "weekly check of tiers and weights", (Tier.L2, Tier.L3)),
    ],
)
def test_plan_tiers__scheduled__names_the_check_and_the_portfolios(
    weekly: bool, reason: str, due: tuple[Tier, ...]
) -> None:
    state = TierState(settlement=USDT, values=ON_TARGET)
    plan = plan_tiers(state, CONFIG, TriggerKind.SCHEDULED, weekly=weekly)
    assert [each.reason for each in plan.triggers] == [reason]
    assert plan.portfolios_due == due
