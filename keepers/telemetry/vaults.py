"""Metrics of a vault's snapshot."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.telemetry import vault_registry as registry
from keepers.telemetry.metrics import Metrics

COIN = 10**18
"""Base units of a chain's own coin."""


def observe_vault(metrics: Metrics, snapshot: VaultSnapshot, at: datetime | None = None) -> None:
    """Measure a vault.

    Args:
        metrics: Where to.
        snapshot: The vault as it was read, under its name in the configuration.
        at: When that was; now by default.
    """
    whose = (snapshot.chain_id, snapshot.vault)
    unit = 10**snapshot.settlement_decimals
    for tier in Tier:
        _observe_tier(metrics, snapshot, tier, unit)
        _observe_weights(metrics, snapshot, tier)
    metrics.put(registry.ASSETS, snapshot.total_assets / unit, *whose)
    metrics.put(registry.REDEMPTIONS, snapshot.redemptions_due / unit, *whose)
    metrics.put(registry.VAULT_PAUSED, snapshot.paused, *whose)
    if snapshot.keeper is not None:
        metrics.put(registry.KEEPER_BALANCE, snapshot.keeper_balance_wei / COIN, *whose)
    metrics.put(registry.BLOCK_TIME, snapshot.at.timestamp(), *whose)
    metrics.put(registry.CHECKED, (at or datetime.now(UTC)).timestamp(), *whose)


def _observe_tier(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier, unit: int) -> None:
    """Shares are exact until they are shown; an empty vault has nothing anywhere."""
    whose = (snapshot.chain_id, snapshot.vault, tier.name)
    value, total, band = snapshot.tier_values[tier], sum(snapshot.tier_values), snapshot.bands[tier]
    ratio = Fraction(value, total) if total else Fraction(0)
    within = band.minimum_bps * total <= value * WHOLE_BPS <= band.maximum_bps * total
    target = Fraction(band.target_bps, WHOLE_BPS)
    metrics.put(registry.TIER_VALUE, value / unit, *whose)
    metrics.put(registry.TIER_RATIO, float(ratio), *whose)
    metrics.put(registry.DEVIATION, float(ratio - target) if total else 0.0, *whose)
    metrics.put(registry.TIER_WITHIN, within, *whose)
    metrics.put(registry.TIER_MINIMUM, band.minimum_bps / WHOLE_BPS, *whose)
    metrics.put(registry.TIER_TARGET, band.target_bps / WHOLE_BPS, *whose)
    metrics.put(registry.TIER_MAXIMUM, band.maximum_bps / WHOLE_BPS, *whose)


def _observe_weights(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier) -> None:
    """Measure how far assets are off their targets; in an empty tier none is.

    A holding that was taken out of a portfolio is off nothing: its last value does not stay.
    """
    held = [each for each in snapshot.positions if each.tier == tier]
    total = sum(each.value for each in held)
    off = {
        (each.symbol,): float(Fraction(each.value, total) - Fraction(each.target_bps, WHOLE_BPS))
        if total
        else 0.0
        for each in held
    }
    whose = (snapshot.chain_id, snapshot.vault, tier.name)
    metrics.put_all(registry.WEIGHT_DEVIATION, off, *whose)
