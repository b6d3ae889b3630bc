"""Tests of gas against yield gain, with exact numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest

from keepers.model.order import OrderKind
from keepers.model.risk import FundYield
from keepers.runs.tiers.gain import (
    GAS,
    GasAgainstGain,
    gas_against_gain,
    not_weighed,
    too_dear,
)
from tests.unit.runs.risk.plans import UP, Draft, position, snapshot_of
from tests.unit.runs.tier_run_rig import POLICY, UNIT

YEAR = timedelta(days=365)
TWO, FIVE = FundYield(Fraction(2, 100), YEAR), FundYield(Fraction(5, 100), YEAR)
BOTH = {"LOW": TWO, "HIGH": FIVE}
AMOUNT = 73_000 * UNIT
"""Amount that earns 180 at 3 % in 30 of 365 days."""

GAIN = Fraction(180 * UNIT)


def weighed(
    coin_price: Fraction | None, yields: Mapping[str, FundYield] = BOTH, fee: int = 1
) -> GasAgainstGain:
    made = Draft()
    leg = made.leg(UP)
    sale = made.add(OrderKind.SALE, position("LOW"), leg, amount=AMOUNT)
    made.add(OrderKind.PURCHASE, position("HIGH"), leg, amount=AMOUNT, depends_on=[sale])
    by_asset = {f"0x{name}": each for name, each in yields.items()}
    return gas_against_gain(made.actions, by_asset, POLICY, fee=fee, coin_price=coin_price)


def test_gain__move_between_funds__is_the_difference_over_the_horizon() -> None:
    assert weighed(None).gain == GAIN


def test_gain__move_from_cash__is_the_whole_yield() -> None:
    made = Draft()
    made.add(OrderKind.PURCHASE, position("HIGH"), made.leg(UP), amount=AMOUNT)
    found = gas_against_gain(made.actions, {"0xHIGH": FIVE}, POLICY, fee=7, coin_price=None)
    assert (found.gain, found.gas, found.cost_wei) == (300 * UNIT, GAS, 7 * GAS)


def test_gas__tenth_of_the_gain__is_not_too_dear_and_a_unit_more_is() -> None:
    tenth = GAIN / 10 / (2 * GAS)
    assert not weighed(tenth).is_too_dear(1_000)
    assert weighed(tenth + Fraction(1, 10**12)).is_too_dear(1_000)


def test_gas__no_gain_at_all__is_always_too_dear() -> None:
    found = weighed(Fraction(1, 10**12), {"LOW": FIVE, "HIGH": TWO})
    assert found.gain == -GAIN
    assert found.is_too_dear(10_000)


@pytest.mark.parametrize(
    ("coin_price", "yields", "words"),
    [
        (None, BOTH, "set the vault's coin_feed or coin_price"),
        (Fraction(10**9), {"LOW": TWO}, "no yield is known for HIGH"),
        (Fraction(10**9), {}, "no yield is known for LOW, HIGH"),
    ],
)
def test_gas__not_all_is_known__is_no_reason_and_is_told(
    coin_price: Fraction | None, yields: dict[str, FundYield], words: str
) -> None:
    found = weighed(coin_price, yields)
    assert not found.is_too_dear(0)
    assert words in (not_weighed(found) or "")


def test_gas__nothing_seeks_yield__is_not_weighed() -> None:
    found = gas_against_gain([], {}, POLICY, fee=1, coin_price=None)
    assert not found.is_too_dear(0)
    assert not_weighed(found) is None


def test_too_dear__says_the_numbers() -> None:
    found = weighed(Fraction(UNIT, GAS), fee=50)
    text = too_dear(found, snapshot_of(), POLICY)
    assert "gas of 100 USDT is more than 1000 bps of the expected yield gain of 180 USDT" in text


def test_gas__estimate_above_the_limit__is_the_limit() -> None:
    made = Draft()
    made.add(OrderKind.PURCHASE, position("HIGH"), made.leg(UP))
    tight = replace(POLICY, gas_limit=100_000)
    assert gas_against_gain(made.actions, {}, tight, fee=1, coin_price=None).gas == 100_000
