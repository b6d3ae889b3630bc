"""Tests of stored rates of funds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from keepers.model.risk import FundRate
from keepers.store.database import Database
from keepers.store.yields import SPACING, YieldRepository
from tests.unit.store.samples import NOON

FUND, OTHER = "0x" + "aa" * 20, "0x" + "bb" * 20
RATE = FundRate(
    vault="main",
    chain_id=1,
    asset=FUND,
    block_number=7,
    at=NOON,
    assets=2**256 - 1,
    shares=3,
)


def later(time: timedelta, asset: str = FUND) -> FundRate:
    return replace(RATE, at=NOON + time, asset=asset)


@pytest.fixture
def yields(ledger: Database) -> YieldRepository:
    """Repository without rates."""
    return YieldRepository(ledger)


def test_rates__recorded__come_back_whole_and_in_order(yields: YieldRepository) -> None:
    given = [later(2 * SPACING), later(timedelta(0), OTHER)]
    yields.record_rates(given)
    assert list(yields.rates_since("main", 1, NOON)) == given[::-1]


def test_rates__within_an_hour__are_left_out(yields: YieldRepository) -> None:
    yields.record_rates([RATE])
    yields.record_rates([later(SPACING - timedelta(seconds=1)), later(timedelta(0), OTHER)])
    assert {each.asset for each in yields.rates_since("main", 1, NOON)} == {FUND, OTHER}
    yields.record_rates([later(SPACING)])
    assert len(yields.rates_since("main", 1, NOON)) == 3


def test_rates__of_the_same_block_again__are_left_out(yields: YieldRepository) -> None:
    yields.record_rates([RATE])
    yields.record_rates([RATE])
    assert yields.rates_since("main", 1, NOON) == (RATE,)


def test_rates__before_the_time_or_of_others__are_not_answered(yields: YieldRepository) -> None:
    yields.record_rates([RATE, replace(RATE, vault="other"), replace(RATE, chain_id=2)])
    assert yields.rates_since("main", 1, NOON) == (RATE,)
    assert yields.rates_since("main", 1, NOON + timedelta(microseconds=1)) == ()


def test_rates__none__write_nothing(yields: YieldRepository) -> None:
    yields.record_rates([])
    assert yields.rates_since("main", 1, NOON) == ()
