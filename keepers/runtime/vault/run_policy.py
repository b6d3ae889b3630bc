"""What the settings of a vault allow its runs to do."""

from __future__ import annotations

from keepers.chain.feeds import CoinPrice
from keepers.model.numerals import parse_exact
from keepers.runs.policy import RunPolicy
from keepers.runtime.vault.setup import VaultSetup

DAY_SECONDS = 86_400


def policy_of(setup: VaultSetup, decimals: int) -> RunPolicy:
    """What the settings allow a run to do."""
    vault, chain = setup.vault, setup.chain
    return RunPolicy(
        tiers=vault.tier_config(decimals),
        minimum_output_tolerance_bps=vault.minimum_output_tolerance_bps,
        warn_slippage_bps=vault.warn_slippage_bps,
        block_slippage_bps=vault.block_slippage_bps,
        verification_tolerance_bps=vault.verification_tolerance_bps,
        cooldown_seconds=vault.cooldown_seconds,
        plan_expiry_seconds=vault.plan_expiry_seconds,
        warn_impact_bps=vault.warn_impact_bps,
        block_impact_bps=vault.block_impact_bps,
        volatility_bps=vault.volatility_bps,
        volatility_window_seconds=vault.volatility_window_seconds,
        gain_horizon_seconds=vault.gain_horizon_days * DAY_SECONDS,
        maximum_gas_share_bps=vault.maximum_gas_share_bps,
        gas_limit=vault.gas_limit,
        minimum_gas_balance=vault.minimum_gas_balance_wei,
        confirmation_timeout_seconds=float(chain.confirmation_timeout_seconds),
    )


def coin_price_of(setup: VaultSetup) -> CoinPrice:
    """Where the price of the chain's coin comes from."""
    price = setup.vault.coin_price
    return CoinPrice(setup.vault.coin_feed, None if price is None else parse_exact(price))
