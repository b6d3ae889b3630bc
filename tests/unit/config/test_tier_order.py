"""Tests of O5: contradictory tier variables are refused, and the error names one that is set."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from keepers.config.tiers import check_order, tier_config_of
from keepers.model.errors import InputError

BANDS = {
    "L1_MIN_RATIO": "1000",
    "L1_TARGET_RATIO": "2000",
    "L1_MAX_RATIO": "3000",
    "L2_TARGET_RATIO": "4000",
    "L3_TARGET_RATIO": "4000",
    "L3_MIN_RATIO": "3000",
}


def check(given: Mapping[str, str]) -> None:
    check_order(tier_config_of(given, 18), given)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (BANDS, "L1_MIN_RATIO"),
        ({**BANDS, "L1_LOW_RATIO": "1500"}, "L1_TARGET_RATIO"),
        ({**BANDS, "L1_LOW_RATIO": "1500", "L1_HIGH_RATIO": "3500"}, "L1_MAX_RATIO"),
        ({"REBALANCE_MULTISIG_THRESHOLD": "1000"}, "REBALANCE_MULTISIG_THRESHOLD"),
        ({"REBALANCE_APPROVAL_THRESHOLD": "300000"}, "REBALANCE_APPROVAL_THRESHOLD"),
        ({"ASSET_CONCENTRATION": "7000"}, "ASSET_CONCENTRATION"),
    ],
)
def test_variables__contradict_each_other__are_refused(
    given: Mapping[str, str], field: str
) -> None:
    with pytest.raises(InputError) as caught:
        check(given)
    assert caught.value.field == field


@pytest.mark.parametrize(
    "given",
    [{}, {**BANDS, "L1_LOW_RATIO": "1500", "L1_HIGH_RATIO": "2500"}],
    ids=["default", "own"],
)
def test_variables__in_order__pass(given: Mapping[str, str]) -> None:
    check(given)
