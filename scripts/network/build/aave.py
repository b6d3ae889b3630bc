"""Aave V3: the protocol's contracts, deployed like its own scripts do."""

from collections.abc import Mapping

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.addresses import Aave
from scripts.network.build.aave_reserves import list_reserves
from scripts.network.build.builder import Builder

_USD = "0x0000000000000000000000000000000000000000"
_USD_UNIT = 10**8
_LIBRARIES = (
    "SupplyLogic",
    "BorrowLogic",
    "BridgeLogic",
    "EModeLogic",
    "LiquidationLogic",
    "PoolLogic",
    "ConfiguratorLogic",
)


def deploy_aave(
    builder: Builder,
    tokens: Mapping[str, ChecksumAddress],
    feeds: Mapping[str, ChecksumAddress],
) -> Aave:
    """Deploy the protocol, priced by `feeds`, and list its reserves."""
    provider = builder.deploy("PoolAddressesProvider", builder.spec.name, WHALE)
    acl = _grant_roles(builder, provider)
    pool, configurator = _install_pool(builder, provider)
    functions = builder.contract("PoolAddressesProvider", provider).functions
    data_provider = builder.deploy("AaveProtocolDataProvider", provider)
    builder.send(functions.setPoolDataProvider(data_provider))
    assets = [*tokens]
    sources = ([tokens[symbol] for symbol in assets], [feeds[symbol] for symbol in assets])
    oracle = builder.deploy("AaveOracle", provider, *sources, _USD, _USD, _USD_UNIT)
    builder.send(functions.setPriceOracle(oracle))
    a_tokens = list_reserves(builder, provider, pool, configurator, tokens)
    return Aave(
        provider=provider,
        pool=pool,
        configurator=configurator,
        acl=acl,
        oracle=oracle,
        data_provider=data_provider,
        a_tokens=a_tokens,
    )


def _grant_roles(builder: Builder, provider: ChecksumAddress) -> ChecksumAddress:
    functions = builder.contract("PoolAddressesProvider", provider).functions
    builder.send(functions.setACLAdmin(WHALE))
    acl = builder.deploy("ACLManager", provider)
    builder.send(functions.setACLManager(acl))
    roles = builder.contract("ACLManager", acl).functions
    for grant in (roles.addPoolAdmin, roles.addAssetListingAdmin, roles.addRiskAdmin):
        builder.send(grant(WHALE))
    builder.send(roles.addEmergencyAdmin(WHALE))
    return acl


def _install_pool(
    builder: Builder, provider: ChecksumAddress
) -> tuple[ChecksumAddress, ChecksumAddress]:
    libraries = {name: builder.deploy(name) for name in _LIBRARIES}
    libraries["FlashLoanLogic"] = builder.deploy("FlashLoanLogic", libraries=libraries)
    functions = builder.contract("PoolAddressesProvider", provider).functions
    # The provider creates proxies; use the proxies' addresses afterwards.
    builder.send(functions.setPoolImpl(builder.deploy("Pool", provider, libraries=libraries)))
    builder.send(
        functions.setPoolConfiguratorImpl(builder.deploy("PoolConfigurator", libraries=libraries))
    )
    return functions.getPool().call(), functions.getPoolConfigurator().call()
