"""Those who are asked about crossings, as the settings have them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import SecretStr

from keepers.bridges.cctp.iris import Iris
from keepers.bridges.custodial.service import Custodian
from keepers.bridges.exchange.client import ExchangeClient
from keepers.bridges.http import JsonService
from keepers.bridges.oft.scan import Scan
from keepers.config.passwords import treasury_secret
from keepers.config.treasury import (
    CctpSettings,
    CustodianSettings,
    ExchangeSettings,
    OftSettings,
)
from keepers.runtime.process.system_clock import SystemClock
from keepers.telemetry.redaction import REDACTOR


def iris_of(table: CctpSettings) -> Iris:
    """Circle's attestation service.

    Raises:
        BridgeUnreachableError: A service elsewhere has an address without encryption.
    """
    seconds = float(table.timeout_seconds)
    return Iris(
        JsonService(name="attestation service", url=table.url, seconds=seconds), SystemClock()
    )


def scan_of(table: OftSettings) -> Scan:
    """LayerZero's scan service; raises as `iris_of` does."""
    seconds = float(table.timeout_seconds)
    return Scan(JsonService(name="scan service", url=table.url, seconds=seconds))


def exchange_of(table: ExchangeSettings, environment: Mapping[str, str]) -> ExchangeClient:
    """The exchange, which whoever asks has to close.

    Raises:
        SecretUnavailableError: Key or secret are not where the settings say.
        LibraryMissingError: ccxt is not installed.
    """
    name = "bridges.EXCHANGE"
    key = _secret(name, table.key_variable, table.key_file, environment)
    secret = _secret(name, table.secret_variable, table.secret_file, environment)
    return ExchangeClient(key, secret, url=table.url or "", seconds=float(table.timeout_seconds))


def custodian_of(table: CustodianSettings, environment: Mapping[str, str]) -> Custodian:
    """The custodian.

    Raises:
        SecretUnavailableError: The token is not where the settings say.
        BridgeUnreachableError: The address is without encryption.
    """
    token = _secret("bridges.CUSTODIAN", table.token_variable, table.token_file, environment)
    service = JsonService(
        name="custodian",
        url=table.url,
        headers={"Authorization": f"Bearer {token.get_secret_value()}"},
        seconds=float(table.timeout_seconds),
    )
    return Custodian(service)


def _secret(
    table: str, variable: str, file: Path | None, environment: Mapping[str, str]
) -> SecretStr:
    """A key or token, which no log shows."""
    found = treasury_secret(table, variable, file, environment)
    REDACTOR.hide(found.get_secret_value())
    return found
