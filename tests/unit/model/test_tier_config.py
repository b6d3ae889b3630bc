"""Tests of the configuration of a tiered vault: defaults, bands and contradictory values."""

from fractions import Fraction

import pytest

from keepers.model.errors import InputError
from keepers.model.money import BasisPoints
from keepers.model.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, Band, Tier, TierConfig


def test_for_token__nothing_given__has_the_defaults_in_base_units() -> None:
    config = TierConfig.for_token(6)

    assert config.rebalance_min_amount == 10_000_000_000
    assert config.rebalance_multisig_threshold == 200_000_000_000
    assert [config.band(tier) for tier in Tier] == [
        Band(500, 1000, 2000),
        Band(2000, 3000, 4000),
        Band(5000, 6000, 7000),
    ]


def test_for_token__fields__are_the_21_variables() -> None:
    assert len(AMOUNT_FIELDS) == 5
    assert len(RATIO_FIELDS) == 16


@pytest.mark.parametrize(
    ("ratios", "field", "problem"),
    [
        ({"l1_target_ratio": 1001}, "L1_TARGET_RATIO", "sum to 10001, not to 10000"),
        ({"l2_min_ratio": 3001}, "L2_MIN_RATIO", "3001 is above L2_TARGET_RATIO, 3000"),
        ({"l3_max_ratio": 5999}, "L3_MAX_RATIO", "5999 is below L3_TARGET_RATIO, 6000"),
        ({"l1_max_ratio": Fraction(1999, 2)}, "L1_MAX_RATIO", "999.5 is below"),
        ({"redemption_coverage": 0}, "REDEMPTION_COVERAGE", "must be above 0"),
    ],
)
def test_for_token__ratios_that_contradict__name_the_variable(
    ratios: dict[str, BasisPoints], field: str, problem: str
) -> None:
    with pytest.raises(InputError) as caught:
        TierConfig.for_token(6, ratios=ratios)

    assert caught.value.field == field
    assert problem in caught.value.problem


def test_for_token__limits_equal_to_the_target__are_a_band() -> None:
    ratios: dict[str, BasisPoints] = {"l1_min_ratio": 1000, "l1_max_ratio": 1000}

    assert TierConfig.for_token(0, ratios=ratios).band(Tier.L1) == Band(1000, 1000, 1000)
