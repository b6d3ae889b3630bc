"""Tests of bridges built from settings and deployments: lanes, services and missing facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, cast

import pytest
from pydantic import SecretStr

from keepers.bridges.custodial.service import Custodian
from keepers.bridges.http import JsonService
from keepers.config import SecretUnavailableError, Settings
from keepers.config.treasury import CctpSettings, ExchangeSettings, OftSettings
from keepers.model.bridge import Accepted, CrossingRequest
from keepers.model.errors.transfers import (
    BridgeNotConfiguredError,
    BridgeUnreachableError,
    RouteUnavailableError,
    UnusableRouteError,
)
from keepers.runtime.treasury import bridges as module
from keepers.runtime.treasury.bridges import bridges_of
from keepers.runtime.treasury.lanes import (
    cctp_lane,
    custodial_lane,
    exchange_lane,
    lanes_of,
    oft_lane,
)
from keepers.runtime.treasury.setup import LaneSetup, TreasurySetup, set_up_treasury
from keepers.transfers.machine.ports import Bridge
from tests.support.bridging import departure
from tests.unit.runtime.treasury.world import (
    HERE,
    IDS,
    THERE,
    address,
    document,
    settings_in,
    terms,
)

SERVICES = """
[treasury.bridges.CUSTODIAN]
url = "https://custodian.example"
fallback = true
[treasury.bridges.EXCHANGE]
url = "https://exchange.example"
timeout_seconds = 3
"""
SECRETS = {
    "BALLAST_CUSTODIAN_TOKEN": "custodian-token",
    "BALLAST_EXCHANGE_KEY": "exchange-key",
    "BALLAST_EXCHANGE_SECRET": "exchange-secret",
}


@dataclass
class FakeClient:
    """Arguments of the exchange's client, and whether it was closed."""

    key: SecretStr
    secret: SecretStr
    url: str
    seconds: float
    closed: bool = False

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[FakeClient]:
    made: list[FakeClient] = []

    def make(key: SecretStr, secret: SecretStr, *, url: str, seconds: float) -> FakeClient:
        made.append(FakeClient(key, secret, url, seconds))
        return made[-1]

    monkeypatch.setattr(module, "ExchangeClient", make)
    return made


def setup_in(folder: Path, more: str = "") -> tuple[Settings, TreasurySetup]:
    settings = settings_in(folder, more)
    return settings, set_up_treasury(settings)


def lane_of(setup: TreasurySetup, name: str) -> LaneSetup:
    return next(
        each
        for each in lanes_of(setup, name)
        if (each.source.name, each.destination.name) == (HERE, THERE)
    )


def wanted(asset: str, destination: str = THERE) -> CrossingRequest:
    return CrossingRequest(
        asset=asset, source=IDS[HERE], destination=IDS[destination], receive=10**6
    )


def test_lanes__have_the_facts_of_both_files(tmp_path: Path) -> None:
    _, setup = setup_in(tmp_path)
    cctp = cctp_lane(lane_of(setup, "CCTP"), CctpSettings(fast=True))
    assert (cctp.source, cctp.destination) == (IDS[HERE], IDS[THERE])
    assert (cctp.source_route, cctp.destination_route) == (address(HERE, 20), address(THERE, 20))
    assert (cctp.source_domain, cctp.destination_domain, cctp.max_fee_bps) == (1, 2, 15)
    assert (cctp.transmitter, cctp.fast) == (address(HERE, 9), True)
    oft = oft_lane(lane_of(setup, "OFT"), OftSettings())
    assert (oft.source_oft, oft.destination_oft) == (address(HERE, 10), address(THERE, 10))
    exchange = exchange_lane(lane_of(setup, "EXCHANGE"), ExchangeSettings())
    assert (exchange.source_network, exchange.destination_network) == ("NET1", "NET2")
    assert (exchange.deposit_address, exchange.inbox) == (address(HERE, 11), address(THERE, 12))
    assert exchange.token == address(THERE, 2)
    assert custodial_lane(lane_of(setup, "CUSTODIAN"), fallback=True).fallback is True


def test_lanes__times_and_limits__are_those_of_the_settings(tmp_path: Path) -> None:
    """M30: before, they could not be set."""
    _, setup = setup_in(tmp_path)
    cctp = cctp_lane(lane_of(setup, "CCTP"), CctpSettings(fast_seconds=8, standard_seconds=900))
    assert (cctp.fast_seconds, cctp.standard_seconds) == (8, 900)
    table = OftSettings(
        tolerance_bps=3, maximum_fee_bps=20, least_share_bps=5_000, crossing_seconds=60
    )
    oft = oft_lane(lane_of(setup, "OFT"), table)
    assert (oft.tolerance_bps, oft.max_fee_bps, oft.seconds) == (3, 20, 60)
    assert oft.least_share == Fraction(1, 2)
    exchange = exchange_lane(lane_of(setup, "EXCHANGE"), ExchangeSettings(unlock_seconds=600))
    assert exchange.unlock_seconds == 600


def test_lanes__settings_that_are_not_given__leave_the_defaults_of_the_lanes(
    tmp_path: Path,
) -> None:
    _, setup = setup_in(tmp_path)
    cctp = cctp_lane(lane_of(setup, "CCTP"), CctpSettings())
    assert (cctp.fast_seconds, cctp.standard_seconds) == (20, 19 * 60)
    oft = oft_lane(lane_of(setup, "OFT"), OftSettings())
    assert (oft.tolerance_bps, oft.max_fee_bps) == (0, 50)
    assert (oft.least_share, oft.seconds) == (Fraction(1, 5), 180)


def test_lanes__decimals__are_of_each_side(tmp_path: Path) -> None:
    content = document(THERE)
    content["assets"]["USDC"]["decimals"] = 18
    settings = settings_in(tmp_path)
    (tmp_path / "deployments" / f"{THERE}.treasury.json").write_text(json.dumps(content))
    lane = cctp_lane(lane_of(set_up_treasury(settings), "CCTP"), CctpSettings(fast=False))
    assert (lane.source_decimals, lane.destination_decimals) == (6, 18)


async def test_bridges__services_that_are_configured__are_asked_with_their_keys(
    tmp_path: Path, clients: list[FakeClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[JsonService] = []

    def custodian(service: JsonService) -> Custodian:
        asked.append(service)
        return Custodian(service)

    monkeypatch.setattr(module, "Custodian", custodian)
    settings, setup = setup_in(tmp_path, SERVICES)
    async with bridges_of(settings, setup, {}, SECRETS) as found:
        assert {name: each.name for name, each in found.items()} == {
            each: each for each in ("CCTP", "OFT", "EXCHANGE", "CUSTODIAN")
        }
        (client,) = clients
        assert client.key.get_secret_value() == "exchange-key"
        assert client.secret.get_secret_value() == "exchange-secret"
        assert (client.url, client.seconds) == ("https://exchange.example", 3)
        assert not client.closed
    assert client.closed
    (service,) = asked
    assert service.headers == {"Authorization": "Bearer custodian-token"}
    assert "custodian-token" not in repr(service)


async def test_bridges__lane_that_is_not_deployed__is_unavailable(
    tmp_path: Path, clients: list[FakeClient]
) -> None:
    settings, setup = setup_in(tmp_path, SERVICES)
    async with bridges_of(settings, setup, {}, SECRETS) as found:
        with pytest.raises(RouteUnavailableError):
            await found["OFT"].quote(wanted("USDT", "base-local"))
        with pytest.raises(RouteUnavailableError):
            await found["CCTP"].quote(wanted("USDT"))
    assert clients


async def test_bridges__service_that_is_not_configured__says_what_to_add(
    tmp_path: Path, clients: list[FakeClient]
) -> None:
    settings, setup = setup_in(tmp_path)
    async with bridges_of(settings, setup, {}, {}) as found:
        for name in ("EXCHANGE", "CUSTODIAN"):
            await refuses_all(found, name)
    assert clients == []


async def refuses_all(found: Mapping[str, Bridge], name: str) -> None:
    bridge, gone = found[name], departure(terms())
    nothing = cast("Any", None)
    for asked in (
        bridge.quote(wanted("USDC")),
        bridge.initiate(gone, nothing),
        bridge.track(gone, ""),
        bridge.complete(gone, nothing),
    ):
        with pytest.raises(BridgeNotConfiguredError, match=rf"add \[treasury\.bridges\.{name}\]"):
            await asked
    assert bridge.explain(Accepted("x"))


async def test_bridges__key_that_is_nowhere__is_told(
    tmp_path: Path, clients: list[FakeClient]
) -> None:
    settings, setup = setup_in(tmp_path, SERVICES)
    for missing in SECRETS:
        rest = {name: each for name, each in SECRETS.items() if name != missing}
        with pytest.raises(SecretUnavailableError, match=missing):
            async with bridges_of(settings, setup, {}, rest):
                pass
    assert all(each.closed for each in clients)


async def test_bridges__service_elsewhere_without_encryption__is_refused(tmp_path: Path) -> None:
    more = '[treasury.bridges.CCTP]\nurl = "http://iris.example"\n'
    settings, setup = setup_in(tmp_path, more)
    with pytest.raises(BridgeUnreachableError, match="requires https"):
        async with bridges_of(settings, setup, {}, {}):
            pass


@pytest.mark.parametrize(
    ("place", "change", "problem"),
    [
        (0, {"name": "CCTP2"}, "there are bridges only for CCTP, OFT, EXCHANGE, CUSTODIAN"),
        (1, {"name": "CUSTODIAN"}, "it is of kind OFT, but its bridge is for CUSTODIAL"),
        (2, {"network": None}, "it lacks network"),
    ],
)
async def test_bridges__route_that_none_serves__is_refused(
    tmp_path: Path, place: int, change: dict[str, Any], problem: str
) -> None:
    settings, content = settings_in(tmp_path), document(HERE)
    content["routes"][place] |= change
    (tmp_path / "deployments" / f"{HERE}.treasury.json").write_text(json.dumps(content))
    with pytest.raises(UnusableRouteError, match=problem) as caught:
        async with bridges_of(settings, set_up_treasury(settings), {}, {}):
            pass
    assert caught.value.chain == HERE
