"""Tests of the values allowed in a treasury's deployments file."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from scripts.deployment.config import Limit, limit_exponent, require_real_accounts
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.treasury.config import (
    USD_DECIMALS,
    TreasuryConfig,
    base_units,
)
from scripts.deployment.treasury.parts import CctpRoute, CustodialRoute, Lane

EXAMPLE = Path(__file__).resolve().parents[3] / "deployments" / "example.treasury.toml"
ANYBODY = "0x00000000000000000000000000000000DeaDBeef"
DAY = 24 * 3600
BOTH = {"arbitrum-mainnet": 42161, "optimism-mainnet": 10}


def a_day(cap: int) -> Limit:
    return Limit(cap=Decimal(cap), period_seconds=DAY)


@pytest.fixture
def document() -> dict[str, Any]:
    return tomllib.loads(EXAMPLE.read_text())


def custodial(**changes: Any) -> dict[str, Any]:
    route = {"asset": "USDT", "name": "DESK", "kind": "CUSTODIAL", "deposit_address": ANYBODY}
    return route | changes


def test_numbers__left_out__are_those_to_begin_with(document: dict[str, Any]) -> None:
    document["keepers"] = [{"account": ANYBODY}]
    document["routes"].append(custodial())
    del document["bands"]
    config = TreasuryConfig.model_validate(document)
    (keeper,) = config.keepers
    assert (keeper.automatic, keeper.reducing) == (a_day(100_000), a_day(500_000))
    limits = [route.limit for route in config.routes]
    assert limits == [a_day(2_000_000), a_day(2_000_000), a_day(250_000)]
    assert config.venues[1].limit == a_day(1_000_000)
    assert config.venues[1].maximum_loss_bps == 10
    assert config.routes[1].lanes["arbitrum-mainnet"] == config.routes[0].lanes["arbitrum-mainnet"]
    assert config.routes[1].lanes["arbitrum-mainnet"] == Lane(
        least=Decimal(100), most=Decimal(1_000_000), maximum_fee_bps=20, open=True
    )
    bands = (config.bands.single_above, config.bands.dual_above)
    assert bands == (50_000, 200_000)
    assert config.bands.maximum_plan_life_seconds == config.longest_period == DAY


def test_example__as_shipped__has_accounts_of_nobody(document: dict[str, Any]) -> None:
    with pytest.raises(DeploymentConfigError, match=r"roles\.admin is .*fill in"):
        require_real_accounts(TreasuryConfig.load(EXAMPLE))
    for section in ("configurators", "guardians"):
        document["roles"][section] = [ANYBODY]
    document["roles"]["admin"] = ANYBODY
    with pytest.raises(DeploymentConfigError, match=r"keepers is"):
        require_real_accounts(TreasuryConfig.model_validate(document))


def test_deposit_address__of_nobody__is_refused(document: dict[str, Any]) -> None:
    for section in ("approvers", "keepers"):
        document[section] = [{"account": ANYBODY}]
    document["roles"] = {"admin": ANYBODY, "guardians": [ANYBODY]}
    document["routes"].append(custodial(deposit_address="0x" + "00" * 20))
    with pytest.raises(DeploymentConfigError, match=r"routes\.deposit_address"):
        require_real_accounts(TreasuryConfig.model_validate(document))


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"access_manager": ANYBODY}, "either roles or the access_manager"),
        ({"roles": None}, "either roles or the access_manager"),
        ({"plan_ledger": ANYBODY}, "approvers of a plan_ledger"),
        ({"networks": {}}, "not among the networks: arbitrum-mainnet"),
        ({"networks": {"arbitrum-mainnet": 1}}, "this one is among them"),
        ({"networks": BOTH | {"optimism-mainnet": 42161}}, "networks name 42161 twice"),
        ({"venues": [{"asset": "DAI", "address": ANYBODY}]}, "not among the assets: DAI"),
        ({"bands": {"single_above": "3", "dual_above": "2"}}, "single_above is above dual_above"),
        ({"bands": {"single_above": "0.0000001"}}, "has more than 6 decimals"),
        ({"assets": {"USDC": {"address": ANYBODY, "decimals": 5}}}, "greater than or equal to 6"),
        ({"surprise": 1}, "surprise"),
    ],
)
def test_config__wrong__says_what(
    document: dict[str, Any], changes: dict[str, Any], problem: str
) -> None:
    with pytest.raises(ValidationError, match=problem):
        TreasuryConfig.model_validate(document | changes)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"kind": "MULE"}, "does not match any of the expected tags"),
        ({"name": "USDC-BY-A-NAME-THAT-IS-FAR-TOO-LONG"}, "must have 1 to 32 bytes"),
        ({"limit": {"cap": "0.0000001", "period_seconds": 1}}, "too large or too small|decimals"),
        ({"lanes": {"arbitrum-mainnet": {"least": "2", "most": "1"}}}, "least is above most"),
        ({"lanes": {"arbitrum-mainnet": {"most": "1e40"}}}, "is too large"),
        ({"lanes": {"arbitrum-mainnet": {"maximum_fee_bps": 501}}}, "less than or equal to 500"),
    ],
)
def test_route__wrong__says_what(
    document: dict[str, Any], changes: dict[str, Any], problem: str
) -> None:
    document["routes"].append(custodial(**changes))
    with pytest.raises(ValidationError, match=problem):
        TreasuryConfig.model_validate(document)


def test_routes__twice_the_same_name__are_refused(document: dict[str, Any]) -> None:
    document["routes"] += [custodial(), custodial()]
    with pytest.raises(ValidationError, match=r"routes name USDT\.DESK twice"):
        TreasuryConfig.model_validate(document)


def test_record__has_only_routes_that_are_deployed(document: dict[str, Any]) -> None:
    document["routes"].append(custodial(network="ETH"))
    config = TreasuryConfig.model_validate(document)
    cctp, oft, desk = config.routes
    assert isinstance(cctp, CctpRoute)
    assert isinstance(desk, CustodialRoute)
    assert config.record_fields({})["routes"] == []
    addresses = {route.contract: ANYBODY for route in (cctp, oft, desk)} | {desk.inbox: ANYBODY}
    routes = config.record_fields(addresses)["routes"]
    assert [each["lanes"] for each in routes] == [[42161], [42161], []]
    assert routes[2] == {
        "asset": "USDT",
        "name": "DESK",
        "kind": "CUSTODIAL",
        "address": ANYBODY,
        "lanes": [],
        "deposit_address": ANYBODY,
        "inbox": ANYBODY,
        "network": "ETH",
    }


@pytest.mark.parametrize(("decimals", "left_out"), [(6, 0), (8, 0), (9, 3), (18, 12)])
def test_limit__of_many_decimals__counts_millionths(decimals: int, left_out: int) -> None:
    assert limit_exponent(decimals) == left_out
    assert base_units(Decimal("1.5"), decimals) == 15 * 10 ** (decimals - 1)
    assert limit_exponent(USD_DECIMALS) == 0
