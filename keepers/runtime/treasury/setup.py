"""Settings and deployments of the treasuries, combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction

from keepers.bridges.custodial import bridge as custodial
from keepers.bridges.exchange import bridge as exchange
from keepers.chain.addresses import TreasuryAddresses
from keepers.config import ChainSettings, Settings
from keepers.config.errors import DeploymentError
from keepers.config.treasury import BridgeSettings, TreasuryChainSettings, TreasurySettings
from keepers.config.treasury_deployment import (
    DeployedRoute,
    RouteKind,
    TreasuryDeployment,
    load_treasury_deployment,
)
from keepers.model.errors import InputError
from keepers.model.inventory_state import AssetSettings, ChainInventory, InventorySettings
from keepers.model.money import parse_units
from keepers.reports.transfer_document import TransferLabels


@dataclass(frozen=True, slots=True)
class TreasuryChainSetup:
    """Treasury of one chain as configured and deployed; `name` is the chain's name."""

    name: str
    treasury: TreasuryChainSettings
    chain: ChainSettings
    deployment: TreasuryDeployment

    @property
    def addresses(self) -> TreasuryAddresses:
        """Addresses of the treasury's contracts."""
        return self.deployment.addresses()


@dataclass(frozen=True, slots=True)
class LaneSetup:
    """Route from one chain to another, with its contracts on both."""

    source: TreasuryChainSetup
    destination: TreasuryChainSetup
    source_route: DeployedRoute
    destination_route: DeployedRoute


@dataclass(frozen=True, slots=True)
class TreasurySetup:
    """Treasuries of all chains; chains are by name.

    Attributes:
        switched_off: Names of chains with `enabled = false`, by chain id: neither read nor planned.
    """

    treasury: TreasurySettings
    chains: Mapping[str, TreasuryChainSetup]
    switched_off: Mapping[int, str] = field(default_factory=dict[int, str])

    def of_chain(self, chain_id: int) -> TreasuryChainSetup | None:
        """Return the treasury of a chain; None if none is configured."""
        return next(
            (each for each in self.chains.values() if each.chain.chain_id == chain_id), None
        )

    def lanes(self) -> Iterator[LaneSetup]:
        """Yield every lane between two configured chains that both have the route."""
        for source in self.chains.values():
            for source_route in source.deployment.routes:
                for chain_id in source_route.lanes:
                    destination = self.of_chain(chain_id)
                    if destination is None:
                        continue
                    destination_route = destination.deployment.route(
                        source_route.asset, source_route.name
                    )
                    if destination_route is not None:
                        yield LaneSetup(source, destination, source_route, destination_route)


def set_up_treasury(settings: Settings) -> TreasurySetup:
    """Return the configured treasuries.

    Raises:
        InputError: There are none, or a base or venue is of an asset that is not deployed.
        DeploymentError: A deployments file cannot be used.
    """
    treasury = settings.treasury
    if treasury is None:
        raise InputError("treasury", "is not in the settings; add [treasury]")
    chains = {
        name: _set_up(settings, treasury, name)
        for name, each in treasury.chains.items()
        if each.enabled
    }
    if not chains:
        raise InputError("treasury.chains", "are all switched off; set enabled = true for one")
    switched_off = {
        settings.chains[name].chain_id: name for name in treasury.chains if name not in chains
    }
    return TreasurySetup(treasury, chains, switched_off)


def _set_up(settings: Settings, treasury: TreasurySettings, name: str) -> TreasuryChainSetup:
    table, chain = treasury.of(name), settings.chains[name]
    deployment = load_treasury_deployment(table.deployments, chain.chain_id)
    for asset in table.base:
        if asset not in deployment.assets:
            known = ", ".join(sorted(deployment.assets))
            problem = f"is not an asset of the deployments file, which has {known}"
            raise InputError(f"treasury.chains.{name}.base.{asset}", problem)
    for asset, venue in table.invest.items():
        if venue not in deployment.venues.get(asset, ()):
            problem = f"{venue} is not a venue of {asset} in the deployments file"
            raise InputError(f"treasury.chains.{name}.invest.{asset}", problem)
    return TreasuryChainSetup(name, table, chain, deployment)


def labels_of(settings: Settings) -> TransferLabels:
    """Return labels from settings and deployments files; an asset without a file has none."""
    chains: dict[int, str] = {}
    decimals: dict[tuple[int, str], int] = {}
    treasuries = {} if settings.treasury is None else settings.treasury.chains
    for name, treasury in treasuries.items():
        chain_id = settings.chains[name].chain_id
        chains[chain_id] = name
        try:
            deployed = load_treasury_deployment(treasury.deployments, chain_id)
        except DeploymentError:
            continue
        decimals |= {(chain_id, asset): each.decimals for asset, each in deployed.assets.items()}
    return TransferLabels(chains, lambda chain_id, asset: decimals.get((chain_id, asset)))


def inventory_settings(setup: TreasurySetup) -> InventorySettings:
    """Return the settings of checks and instructions, by chain id.

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
    """Return the routes that are used only for amounts that other routes cannot cover."""
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
