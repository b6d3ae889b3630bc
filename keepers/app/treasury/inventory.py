"""What is wanted of the inventory, as settings and deployments have it."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from keepers.app.settings.treasury import TreasurySettings
from keepers.app.treasury.setup import TreasuryChainSetup, TreasurySetup
from keepers.domain.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.domain.numerals import parse_units


def inventory_settings(setup: TreasurySetup) -> InventorySettings:
    """Bases, policies and limits of all chains.

    Raises:
        NumberError: An amount has more decimals than its token.
    """
    treasury: TreasurySettings = setup.treasury
    chains = {each.chain.chain_id: _chain(each) for each in setup.chains.values()}
    expiry = min(each.treasury.plan_expiry_seconds for each in setup.chains.values())
    return InventorySettings(
        trigger_percentage=treasury.trigger,
        chains=chains,
        maximum_loss_bps=treasury.maximum_loss_bps,
        time_limit=Fraction(treasury.time_limit_seconds),
        expiry=timedelta(seconds=expiry),
    )


def _chain(each: TreasuryChainSetup) -> ChainInventory:
    table, deployment = each.treasury, each.deployment
    bases = table.bases({name: token.decimals for name, token in deployment.assets.items()})
    assets = {
        name: AssetSettings(
            token=token.address,
            decimals=token.decimals,
            base=bases.get(name),
            venues=deployment.venues.get(name, ()),
            invest=table.invest.get(name),
            invest_minimum=parse_units(table.invest_minimum, token.decimals),
        )
        for name, token in deployment.assets.items()
    }
    return ChainInventory(
        ledger=deployment.contracts["PlanLedger"].address,
        assets=assets,
        maximum_native_fee=table.maximum_native_fee_wei,
        gas_reserve=table.minimum_gas_balance_wei,
    )
