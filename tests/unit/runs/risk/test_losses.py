"""Tests of slippage and impact: thresholds are strict, and the average hides no bad leg."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.order import OrderKind
from keepers.runs.tiers.losses import (
    blocked_by_losses,
    loss_warnings,
    total_slippage,
)
from tests.unit.runs.risk.plans import UP, Draft, position
from tests.unit.runs.tier_run_rig import POLICY, UNIT

ONE_MORE = Fraction(1, 10_000)


def draft(slippage: str = "0", impact: Fraction | None = None) -> Draft:
    made = Draft()
    made.add(
        OrderKind.PURCHASE, position("WETH"), made.leg(UP), slippage_bps=slippage, impact_bps=impact
    )
    return made


@pytest.mark.parametrize(
    ("slippage", "warns", "blocks"),
    [
        ("200", False, False),
        ("200.0001", True, False),
        ("500", True, False),
        ("500.0001", True, True),
        ("-600", False, False),
    ],
)
def test_slippage__at_its_thresholds__is_judged_strictly(
    slippage: str, *, warns: bool, blocks: bool
) -> None:
    actions = draft(slippage).actions
    assert bool(list(loss_warnings(actions, POLICY))) is warns
    assert (blocked_by_losses(actions, POLICY) is not None) is blocks


@pytest.mark.parametrize(
    ("impact", "warns", "blocks"),
    [
        (None, False, False),
        (Fraction(200), False, False),
        (200 + ONE_MORE, True, False),
        (Fraction(500), True, False),
        (500 + ONE_MORE, True, True),
    ],
)
def test_impact__at_its_thresholds__is_judged_strictly(
    impact: Fraction | None, *, warns: bool, blocks: bool
) -> None:
    actions = draft(impact=impact).actions
    assert bool(list(loss_warnings(actions, POLICY))) is warns
    reason = blocked_by_losses(actions, POLICY)
    assert (reason is not None) is blocks
    if blocks:
        assert "purchase of WETH would move the price in its venue by 500 bps" in (reason or "")


def test_slippage__one_bad_leg_among_good_ones__is_not_hidden_by_the_average() -> None:
    made = draft("501")
    for name in ("A", "B", "C"):
        made.add(OrderKind.PURCHASE, position(name), 0, amount=10_000 * UNIT)
    assert total_slippage(made.actions) < 2
    assert "purchase of WETH would lose 501 bps" in (blocked_by_losses(made.actions, POLICY) or "")


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(1, 10**12)), min_size=1, max_size=6))
def test_total__of_purchases__lies_between_the_best_and_the_worst(
    legs: list[tuple[int, int]],
) -> None:
    made = Draft()
    leg = made.leg(UP)
    for number, (slippage, amount) in enumerate(legs):
        made.add(
            OrderKind.PURCHASE,
            position(f"A{number}"),
            leg,
            amount=amount,
            slippage_bps=str(slippage),
        )
    total = total_slippage(made.actions)
    assert min(each for each, _ in legs) <= total <= max(each for each, _ in legs)
