"""Metrics of a vault's tiers: exact at the limits that alerts compare with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from keepers.model.vault import TierBand, VaultPosition
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.vaults import observe_vault
from tests.unit.runs.risk.plans import position
from tests.unit.runtime.test_tier_status import snapshot

BANDS = (
    TierBand(minimum_bps=500, target_bps=1_000, maximum_bps=2_000),
    TierBand(minimum_bps=2_000, target_bps=3_000, maximum_bps=4_000),
    TierBand(minimum_bps=5_000, target_bps=6_000, maximum_bps=7_000),
)
AT = datetime(2030, 1, 1, 0, 5, tzinfo=UTC)


def seen(*values: int, **changes: Any) -> Metrics:
    metrics = Metrics()
    observe_vault(metrics, replace(snapshot(*values), bands=BANDS, **changes), AT)
    return metrics


def value(metrics: Metrics, name: str, tier: str | None = None) -> float | None:
    labels = {"chain": "1", "vault": "main"} | ({} if tier is None else {"tier": tier})
    return metrics.registry.get_sample_value(name, labels)


def test_tiers__have_value_ratio_band_and_deviation() -> None:
    metrics = seen(75_500_000, 300_000_000, 624_500_000)
    assert value(metrics, "ballast_tier_value_tokens", "L1") == 75.5
    assert value(metrics, "ballast_tier_ratio", "L3") == 0.6245
    assert value(metrics, "rebalance_deviation_ratio", "L1") == -0.0245
    assert value(metrics, "rebalance_deviation_ratio", "L2") == 0
    assert value(metrics, "rebalance_deviation_ratio", "L3") == 0.0245
    assert value(metrics, "ballast_tier_minimum_ratio", "L2") == 0.2
    assert value(metrics, "ballast_tier_target_ratio", "L2") == 0.3
    assert value(metrics, "ballast_tier_maximum_ratio", "L2") == 0.4
    assert value(metrics, "ballast_vault_assets_tokens") == 1_000


@pytest.mark.parametrize("idle", [300_000, 30_000_000, 170_000_000, 170_000_001])
def test_deviation__of_exactly_seven_percent__is_not_above_it(idle: int) -> None:
    total = 1_000_000_000
    deviation = value(seen(idle, 0, total - idle), "rebalance_deviation_ratio", "L1")
    assert deviation is not None
    assert (abs(deviation) > 0.07) == (abs(idle * 100 - total * 10) > total * 7)


@pytest.mark.parametrize(
    ("idle", "within"), [(49_999_999, 0), (50_000_000, 1), (200_000_000, 1), (200_000_001, 0)]
)
def test_within__has_its_ends(idle: int, within: int) -> None:
    metrics = seen(idle, 300_000_000, 700_000_000 - idle)
    assert value(metrics, "ballast_tier_within_bounds", "L1") == within


def test_empty_vault__deviates_nowhere() -> None:
    metrics = seen(0, 0, 0)
    for tier in ("L1", "L2", "L3"):
        assert value(metrics, "rebalance_deviation_ratio", tier) == 0
        assert value(metrics, "ballast_tier_within_bounds", tier) == 1


def test_vault__says_what_is_due_and_when_it_was_read() -> None:
    metrics = seen(
        1, 2, 3, redemptions_due=2_500_000, paused=True, keeper="0x1", keeper_balance_wei=10**17
    )
    assert value(metrics, "ballast_redemptions_due_tokens") == 2.5
    assert value(metrics, "ballast_vault_paused") == 1
    assert value(metrics, "ballast_vault_keeper_balance_coins") == 0.1
    assert value(metrics, "ballast_vault_check_timestamp_seconds") == AT.timestamp()
    assert value(metrics, "ballast_vault_block_timestamp_seconds") == AT.timestamp() - 300


def test_vault__read_without_a_keeper__has_no_balance() -> None:
    assert value(seen(1, 2, 3), "ballast_vault_keeper_balance_coins") is None


def weight(metrics: Metrics, tier: str, asset: str) -> float | None:
    labels = {"chain": "1", "vault": "main", "tier": tier, "asset": asset}
    return metrics.registry.get_sample_value("ballast_weight_deviation_ratio", labels)


def held(symbol: str, target_bps: int, value: int, tier: int = 2) -> VaultPosition:
    return replace(position(symbol), tier=tier, target_bps=target_bps, value=value)


def test_weights__are_off_by_their_share_of_their_tier() -> None:
    positions = (held("A", 4_000, 50), held("B", 6_000, 50), held("C", 10_000, 7, tier=1))
    metrics = seen(0, 7, 100, positions=positions)
    assert weight(metrics, "L3", "A") == 0.1
    assert weight(metrics, "L3", "B") == -0.1
    assert weight(metrics, "L2", "C") == 0


def test_weights__of_an_empty_tier__are_off_by_nothing() -> None:
    metrics = seen(1, 0, 0, positions=(held("A", 4_000, 0), held("B", 6_000, 0)))
    assert weight(metrics, "L3", "A") == weight(metrics, "L3", "B") == 0


def test_weights__of_a_holding_that_was_taken_out__are_forgotten() -> None:
    metrics = seen(0, 0, 100, positions=(held("A", 4_000, 50), held("B", 6_000, 50)))
    later = replace(snapshot(0, 0, 100), bands=BANDS, positions=(held("B", 10_000, 100),))
    observe_vault(metrics, replace(later, vault="other"), AT)
    assert weight(metrics, "L3", "A") == 0.1, "another vault's holdings are none of its own"
    observe_vault(metrics, later, AT)
    assert weight(metrics, "L3", "A") is None
    assert weight(metrics, "L3", "B") == 0
