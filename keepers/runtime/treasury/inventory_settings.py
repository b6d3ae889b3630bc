"""What is wanted of the inventory, from settings and deployments files."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from keepers.bridges.custodial import bridge as custodial
from keepers.bridges.exchange import bridge as exchange
from keepers.config.treasury import BridgeSettings
from keepers.config.treasury_deployment import RouteKind
from keepers.model.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.model.numerals import parse_units
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup


def inventory_settings(setup: TreasurySetup) -> InventorySettings:
    """What checks and instructions go by, by chain id.

    Raises:
        NumberError: A base or minimum has more decimals than its token.
    """
    chains = {each.chain.chain_id: _chain(each) for each in setup.chains.values()}
    expiry = min(each.treasury.plan_expiry_seconds for each in setup.chains.values())
    return InventorySettings(
        trigger_percentage=setup.treasury.trigger,
        chains=chains,
        maximum_loss_bps=setup.treasury.maximum_loss_bps,
        venue_tolerance_bps=setup.treasury.venue_tolerance_bps,
        approval_window=timedelta(seconds=setup.treasury.approval_window_seconds),
        time_limit=Fraction(setup.treasury.time_limit_seconds),
        expiry=timedelta(seconds=expiry),
        fallbacks=_fallbacks(setup.treasury.bridges),
        fallback_patience=timedelta(seconds=setup.treasury.fallback_patience_seconds),
        look_seconds=float(setup.treasury.look_seconds),
        switched_off=setup.switched_off,
    )


def _fallbacks(bridges: BridgeSettings) -> frozenset[str]:
    """The routes that are only for what others cannot cover; what nobody serves is no other."""
    custodian = bridges.CUSTODIAN
    is_preferred = custodian is not None and not custodian.fallback
    return frozenset({exchange.NAME, *(() if is_preferred else (custodial.NAME,))})


def _chain(setup: TreasuryChainSetup) -> ChainInventory:
    table, deployment = setup.treasury, setup.deployment
    sizes = {name: each.decimals for name, each in deployment.assets.items()}
    bases = table.bases(sizes)
    return ChainInventory(
        ledger=deployment.contracts["PlanLedger"].address,
        assets={
            name: AssetSettings(
                token=each.address,
                decimals=each.decimals,
                base=bases.get(name),
                venues=tuple(deployment.venues.get(name, ())),
                invest=table.invest.get(name),
                invest_minimum=parse_units(table.invest_minimum, each.decimals),
            )
            for name, each in deployment.assets.items()
        },
        maximum_native_fee=table.maximum_native_fee_wei,
        gas_reserve=table.minimum_gas_balance_wei,
        keeper_only=frozenset(
            each.name for each in deployment.routes if each.kind is RouteKind.CUSTODIAL
        ),
    )
