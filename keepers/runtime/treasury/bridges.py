"""Configured bridges, between the treasuries of the deployments files."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr

from keepers.bridges.bridge import UnconfiguredBridge
from keepers.bridges.cctp import bridge as cctp
from keepers.bridges.cctp.bridge import CctpBridge
from keepers.bridges.cctp.iris import Iris
from keepers.bridges.custodial import bridge as custodial
from keepers.bridges.custodial.bridge import CustodialBridge
from keepers.bridges.custodial.service import Custodian
from keepers.bridges.exchange import bridge as exchange
from keepers.bridges.exchange.bridge import ExchangeBridge
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.http import JsonService
from keepers.bridges.lane import Chains
from keepers.bridges.oft import bridge as oft
from keepers.bridges.oft.bridge import OftBridge
from keepers.bridges.oft.scan import Scan
from keepers.chain.codec import ZERO_ADDRESS
from keepers.config import Settings
from keepers.config.passwords import treasury_secret
from keepers.config.treasury import (
    BridgeSettings,
    CctpSettings,
    CustodianSettings,
    ExchangeSettings,
    OftSettings,
)
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.guarded_bridge import GuardedBridge
from keepers.runtime.treasury.lanes import (
    cctp_lane,
    check_routes,
    custodial_lane,
    exchange_lane,
    lanes_of,
    oft_lane,
)
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.telemetry.redaction import REDACTOR
from keepers.transfers.machine.ports import Bridge


def iris_of(table: CctpSettings) -> Iris:
    """Return Circle's attestation service.

    Raises:
        BridgeUnreachableError: A remote service has an unencrypted address.
    """
    seconds = float(table.timeout_seconds)
    return Iris(
        JsonService(name="attestation service", url=table.url, seconds=seconds), SystemClock()
    )


def scan_of(table: OftSettings) -> Scan:
    """Return LayerZero's scan service; raises as `iris_of`."""
    seconds = float(table.timeout_seconds)
    return Scan(JsonService(name="scan service", url=table.url, seconds=seconds))


def exchange_of(table: ExchangeSettings, environment: Mapping[str, str]) -> ExchangeClient:
    """Return the exchange client, which the caller has to close.

    Raises:
        SecretUnavailableError: Key or secret are not where the settings say.
        LibraryMissingError: ccxt is not installed.
    """
    name = "bridges.EXCHANGE"
    key = _bridge_secret(name, table.key_variable, table.key_file, environment)
    secret = _bridge_secret(name, table.secret_variable, table.secret_file, environment)
    return ExchangeClient(key, secret, url=table.url or "", seconds=float(table.timeout_seconds))


def custodian_of(table: CustodianSettings, environment: Mapping[str, str]) -> Custodian:
    """Return the custodian client.

    Raises:
        SecretUnavailableError: The token is not where the settings say.
        BridgeUnreachableError: The address is unencrypted.
    """
    token = _bridge_secret("bridges.CUSTODIAN", table.token_variable, table.token_file, environment)
    service = JsonService(
        name="custodian",
        url=table.url,
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        seconds=float(table.timeout_seconds),
    )
    return Custodian(service)


def _bridge_secret(
    table: str, variable: str, file: Path | None, environment: Mapping[str, str]
) -> SecretStr:
    """Return a key or token, and hide it in log lines."""
    found = treasury_secret(table, variable, file, environment)
    REDACTOR.hide(found.get_secret_value())
    return found


REQUESTS = 3
"""Largest number of full-length requests per response; usually one or two."""

LONGEST_REQUEST = 10
"""Seconds, used if no service is configured."""


@asynccontextmanager
async def bridges_of(
    settings: Settings,
    setup: TreasurySetup,
    readers: Chains,
    environment: Mapping[str, str] = os.environ,
    *,
    keepers: Mapping[int, str] | None = None,
) -> AsyncGenerator[Mapping[str, Bridge]]:
    """Open the bridges by route name; connections are closed at the end.

    A bridge without a configured service is included, and raises an error when asked.

    Args:
        settings: Settings of the services.
        setup: The treasuries and their lanes.
        readers: The chains, by chain id.
        environment: Environment variables, which may contain keys.
        keepers: Signing accounts by chain id, if known.

    Raises:
        UnusableRouteError: A deployed route is not served by any bridge.
        BridgeUnreachableError: A remote service has an unencrypted address.
        SecretUnavailableError: A key or token is not where the settings say.
        LibraryMissingError: An exchange is configured, and ccxt is not installed.
    """
    check_routes(setup)
    services = BridgeSettings() if settings.treasury is None else settings.treasury.bridges
    maker = BridgeFactory(setup, readers, environment, keepers or {})
    seconds = _seconds_of(services)
    async with AsyncExitStack() as stack:
        bridges = (
            maker.cctp(services),
            maker.oft(services),
            await maker.exchange(services.EXCHANGE, stack),
            maker.custodian(services.CUSTODIAN),
        )
        clock = SystemClock()
        yield {each.name: GuardedBridge(each, clock, seconds[each.name]) for each in bridges}


def _seconds_of(services: BridgeSettings) -> dict[str, float]:
    """Return the time limit of each bridge in seconds, from the time-out of its requests."""
    tables = {
        cctp.NAME: services.CCTP,
        oft.NAME: services.OFT,
        exchange.NAME: services.EXCHANGE,
        custodial.NAME: services.CUSTODIAN,
    }
    return {
        name: REQUESTS * float(LONGEST_REQUEST if table is None else table.timeout_seconds)
        for name, table in tables.items()
    }


@dataclass(frozen=True, slots=True)
class BridgeFactory:
    """Factory of the bridges of one setup."""

    setup: TreasurySetup
    readers: Chains
    environment: Mapping[str, str]
    keepers: Mapping[int, str]

    def cctp(self, services: BridgeSettings) -> Bridge:
        """Return the bridge that uses Circle's attestation service."""
        lanes = tuple(
            cctp_lane(
                lane, services.CCTP, self.keepers.get(lane.source.chain.chain_id, ZERO_ADDRESS)
            )
            for lane in lanes_of(self.setup, cctp.NAME)
        )
        return CctpBridge(iris_of(services.CCTP), self.readers, lanes)

    def oft(self, services: BridgeSettings) -> Bridge:
        """Return the bridge that uses LayerZero's scan service."""
        lanes = tuple(oft_lane(lane, services.OFT) for lane in lanes_of(self.setup, oft.NAME))
        return OftBridge(scan_of(services.OFT), self.readers, lanes)

    async def exchange(self, table: ExchangeSettings | None, stack: AsyncExitStack) -> Bridge:
        """Return the bridge of the exchange; its library is loaded only if configured."""
        if table is None:
            return UnconfiguredBridge(exchange.NAME)
        client = exchange_of(table, self.environment)
        stack.push_async_callback(client.close)
        lanes = tuple(exchange_lane(lane, table) for lane in lanes_of(self.setup, exchange.NAME))
        return ExchangeBridge(client, SystemClock(), self.readers, lanes)

    def custodian(self, table: CustodianSettings | None) -> Bridge:
        """Return the bridge of the custodian."""
        if table is None:
            return UnconfiguredBridge(custodial.NAME)
        setups = lanes_of(self.setup, custodial.NAME)
        lanes = tuple(custodial_lane(each, fallback=table.fallback) for each in setups)
        return CustodialBridge(custodian_of(table, self.environment), self.readers, lanes)
