"""Tests of the goals of tiers, for vaults of about 1,000."""

from __future__ import annotations

import pytest

from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.planning.tiers.goals import Levels, goals_for, levels_of, secure_redemptions

CONFIG = TierConfig.for_token(0)
LEVELS = Levels(minimum=(50, 200, 500), target=(100, 300, 600), maximum=(200, 400, 700))
TIGHT = Levels(minimum=(10, 20, 30), target=(20, 40, 60), maximum=(30, 50, 70))
"""Levels that do not fit the total, so that the limits of bands are reached."""


def test_levels_of__odd_total__minimums_round_up_and_maximums_down() -> None:
    levels = levels_of(1_001, CONFIG)
    assert levels == Levels(minimum=(51, 201, 501), target=(101, 300, 600), maximum=(200, 400, 700))


@pytest.mark.parametrize(
    ("values", "named", "goals"),
    [
        # L1 lacks funds: L2 gives what it has above its target, then L3.
        ((50, 300, 650), "L1", (100, 300, 600)),
        ((20, 310, 670), "L1", (100, 300, 600)),
        ((40, 500, 460), "L1", (100, 440, 460)),
        ((0, 150, 850), "L1", (100, 150, 750)),
        ((99, 301, 600), "L1", (100, 300, 600)),
        # L2 lacks funds: L3 gives, then L1.
        ((150, 200, 650), "L2", (100, 300, 600)),
        ((100, 100, 800), "L2", (100, 300, 600)),
        # L3 lacks funds: L2 gives, then L1.
        ((60, 400, 540), "L3", (60, 340, 600)),
        ((110, 310, 580), "L3", (100, 300, 600)),
        # L1 has too much: L3 takes up to its target, then L2.
        ((200, 290, 510), "L1", (100, 300, 600)),
        ((200, 200, 600), "L1", (100, 300, 600)),
        ((200, 280, 520), "L1", (100, 300, 600)),
        ((150, 280, 570), "L1", (100, 300, 600)),
        ((110, 200, 690), "L1", (100, 210, 690)),
        ((101, 299, 600), "L1", (100, 300, 600)),
        # L2 has too much: L3 takes, then L1.
        ((90, 350, 560), "L2", (100, 300, 600)),
        ((60, 350, 590), "L2", (100, 300, 600)),
        ((100, 300, 600), "L1 L2 L3", (100, 300, 600)),
        ((0, 0, 1_000), "L1 L2 L3", (100, 300, 600)),
        ((0, 300, 700), "L1 L3", (100, 300, 600)),
    ],
)
def test_goals_for__tiers_that_are_named__go_to_their_targets(
    values: TierValues, named: str, goals: TierValues
) -> None:
    assert goals_for(values, frozenset(map(Tier.__getitem__, named.split())), LEVELS) == goals


@pytest.mark.parametrize(
    ("values", "named", "goals"),
    [
        # 20 are needed. L2 and L3 give down to their targets, then to their minimums.
        ((0, 45, 61), "L1", (20, 26, 60)),
        ((0, 30, 65), "L1", (20, 20, 55)),
        # The named tier lacks what no other tier can give.
        ((0, 22, 31), "L1", (3, 20, 30)),
        ((0, 20, 30), "L1", (0, 20, 30)),
        ((12, 10, 30), "L2", (10, 12, 30)),
        # 20 are too much. L3 and L2 take up to their targets, then to their maximums.
        ((40, 39, 55), "L1", (20, 44, 70)),
        ((25, 40, 60), "L1", (20, 40, 65)),
        ((40, 39, 66), "L1", (20, 55, 70)),
        ((40, 49, 69), "L1", (20, 68, 70)),
        ((10, 60, 70), "L2", (30, 40, 70)),
        ((5, 60, 75), "L2", (25, 40, 75)),
    ],
)
def test_goals_for__levels_that_do_not_fit__stay_inside_bands_as_far_as_they_can(
    values: TierValues, named: str, goals: TierValues
) -> None:
    found = goals_for(values, frozenset({Tier[named]}), TIGHT)
    assert sum(found) == sum(values)
    assert found == goals


@pytest.mark.parametrize(
    ("goals", "need", "secured"),
    [
        ((100, 300, 600), 400, (100, 300, 600)),
        ((100, 300, 600), 401, (101, 300, 599)),
        # The goals do not cover the need, the targets do.
        ((50, 250, 700), 300, (50, 250, 700)),
        ((50, 250, 700), 301, (100, 300, 600)),
        ((50, 250, 700), 400, (100, 300, 600)),
        ((100, 300, 600), 1_000, (700, 300, 0)),
        ((100, 300, 600), 1_001, (700, 300, 0)),
    ],
)
def test_secure_redemptions__need_at_what_l1_and_l2_hold__stays_and_above_moves(
    goals: TierValues, need: int, secured: TierValues
) -> None:
    assert secure_redemptions(goals, need, LEVELS) == secured
