"""Tests of tier metrics: values are exact, and bounds include their ends."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from keepers.model.limits import KeeperLimits, Limit, LossBudgets
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.vault import HoldingKind, TierBand, VaultPosition, VaultSnapshot
from keepers.reports.vault_status import layer_metrics, status_document

BAND = TierBand(minimum_bps=0, target_bps=1, maximum_bps=2)
CONFIG = TierConfig.for_token(6)
"""Default settings: L1 from 5 to 20 %."""

UNSET = Limit(0, 0, 0)


def snapshot(*values: int) -> VaultSnapshot:
    position = VaultPosition(
        tier=1,
        asset="0xfund",
        symbol="FUND",
        decimals=18,
        kind=HoldingKind.ERC4626,
        venue="",
        target_bps=10_000,
        maximum_loss_bps=10,
        cap_bps=10_000,
        balance=3 * 10**18 // 2,
        value=values[1],
    )
    return VaultSnapshot(
        chain_id=1,
        block_number=7,
        block_hash="0x07",
        at=datetime(2030, 1, 1, tzinfo=UTC),
        vault="main",
        settlement_symbol="USDT",
        settlement_decimals=6,
        total_assets=sum(values),
        total_supply=0,
        tier_values=(values[0], values[1], values[2]),
        bands=(BAND, BAND, BAND),
        positions=(position,),
        redemptions_due=0,
        paused=False,
        loss_budgets=LossBudgets(Limit(100, 25, 604_800), UNSET),
        keeper=None,
        keeper_limits=None,
        keeper_balance_wei=0,
    )


@pytest.mark.parametrize(
    ("idle", "within"),
    [(49_999_999, False), (50_000_000, True), (200_000_000, True), (200_000_001, False)],
)
def test_layer_metrics__at_its_bounds__is_within(idle: int, *, within: bool) -> None:
    metrics = layer_metrics(snapshot(idle, 0, 1_000_000_000 - idle), CONFIG, Tier.L1)
    assert metrics["within_bounds"] is within


def test_layer_metrics__no_assets__is_neither_inside_nor_outside() -> None:
    """O29: before, an empty vault was within its bounds at a ratio of 0."""
    assert layer_metrics(snapshot(0, 0, 0), CONFIG, Tier.L1)["within_bounds"] is None


def test_layer_metrics__below_target__has_a_negative_deviation() -> None:
    metrics = layer_metrics(snapshot(75_500_000, 0, 924_500_000), CONFIG, Tier.L1)
    assert metrics == {
        "tier": "L1",
        "value": "75.5",
        "ratio": "0.0755",
        "target": "0.1",
        "deviation": "-0.0245",
        "min": "0.05",
        "max": "0.2",
        "within_bounds": True,
    }


def test_layer_metrics__empty_vault__has_ratio_zero() -> None:
    assert layer_metrics(snapshot(0, 0, 0), CONFIG, Tier.L2)["ratio"] == "0"


def test_status_document__holding__has_its_weight_inside_the_tier() -> None:
    assert status_document(snapshot(1, 4, 5), CONFIG)["holdings"] == [
        {
            "tier": "L2",
            "symbol": "FUND",
            "asset": "0xfund",
            "kind": "ERC4626",
            "balance": "1.5",
            "value": "0.000004",
            "weight": "1",
            "target": "1",
            "problem": None,
            "marked_down": False,
            "below_least_rate": False,
        }
    ]


def test_status_document__limits__say_what_is_left_and_when_they_are_full() -> None:
    keeper = KeeperLimits("0xkeeper", Limit(8_000_000, 2_000_000, 100), UNSET)
    assert status_document(snapshot(1, 4, 5), CONFIG, [keeper])["limits"] == [
        {
            "limit": "AUTOMATIC",
            "keeper": "0xkeeper",
            "cap": "8",
            "available": "2",
            "period_seconds": 100,
            "full_at": "2030-01-01T00:01:15+00:00",
        },
        {
            "limit": "REDUCING",
            "keeper": "0xkeeper",
            "cap": "0",
            "available": "0",
            "period_seconds": 0,
            "full_at": None,
        },
        {
            "limit": "LOSS_ADDING",
            "keeper": None,
            "cap": "0.0001",
            "available": "0.000025",
            "period_seconds": 604_800,
            "full_at": "2030-01-06T06:00:00+00:00",
        },
        {
            "limit": "LOSS_REDUCING",
            "keeper": None,
            "cap": "0",
            "available": "0",
            "period_seconds": 0,
            "full_at": None,
        },
    ]
