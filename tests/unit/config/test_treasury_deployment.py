"""Tests of the deployments file of a treasury: required entries, and facts that must match."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from keepers.config import DeploymentError
from keepers.config.treasury_deployment import (
    REQUIRED_CONTRACTS,
    RouteKind,
    load_treasury_deployment,
)
from tests.unit.config.test_deployment import CONTRACT, USDT

FILE: dict[str, Any] = {
    "network": "arbitrum-local",
    "chain_id": 1042161,
    "block": 12,
    "keepers": [USDT],
    "assets": {"USDC": {"address": USDT, "decimals": 6}},
    "contracts": {name: dict(CONTRACT) for name in (*REQUIRED_CONTRACTS, "UsdcCctpRoute")},
    "routes": [
        {
            "asset": "USDC",
            "name": "CCTP",
            "kind": "CCTP",
            "address": USDT,
            "lanes": [1000001],
            "domain": 3,
            "transmitter": USDT,
            "max_fee_bps": 15,
        },
        {
            "asset": "USDC",
            "name": "OFT",
            "kind": "OFT",
            "address": USDT,
            "lanes": [],
            "oft": USDT,
            "eid": 30110,
        },
        {
            "asset": "USDC",
            "name": "EXCHANGE",
            "kind": "CUSTODIAL",
            "address": USDT,
            "lanes": [],
            "deposit_address": USDT,
            "inbox": USDT,
            "network": "ARBITRUM",
        },
    ],
    "venues": {"USDC": [USDT.lower()]},
    "external": {"multicall3": USDT},
}


def written(folder: Path, content: object) -> Path:
    file = folder / "arbitrum-local.treasury.json"
    file.write_text(json.dumps(content))
    return file


def test_load__as_the_scripts_write_it__is_read(tmp_path: Path) -> None:
    found = load_treasury_deployment(written(tmp_path, FILE), 1042161)
    assert (found.treasury, found.keepers) == (USDT, (USDT,))
    route = found.route("USDC", "CCTP")
    assert route is not None
    assert (route.kind, route.domain, route.lanes) == (RouteKind.CCTP, 3, (1000001,))
    assert found.route("USDT", "CCTP") is None
    addresses = found.addresses()
    assert addresses.assets == {"USDC": (USDT, 6)}
    assert set(addresses.routes) == {("USDC", "CCTP"), ("USDC", "OFT"), ("USDC", "EXCHANGE")}
    assert addresses.venues == {"USDC": (USDT,)}


def changed(path: tuple[str | int, ...], value: object) -> dict[str, Any]:
    content = deepcopy(FILE)
    table: Any = content
    for key in path[:-1]:
        table = table[key]
    if value is None:
        del table[path[-1]]
    else:
        table[path[-1]] = value
    return content


@pytest.mark.parametrize(
    ("path", "value", "key", "problem"),
    [
        (("contracts", "Treasury"), None, "contracts.Treasury", "is missing"),
        (("external", "multicall3"), None, "external.multicall3", "is missing"),
        (("routes", 0, "domain"), None, "routes.0.domain", "is missing"),
        (("routes", 1, "oft"), None, "routes.1.oft", "is missing"),
        (("routes", 2, "inbox"), None, "routes.2.inbox", "is missing"),
        (("routes", 0, "kind"), "BOAT", "routes.0.kind", "should be 'CCTP', 'OFT'"),
        (("routes", 0, "asset"), "DAI", "routes.0.asset", "DAI is not one of the assets"),
        (("routes", 1, "name"), "CCTP", "routes.1", "USDC has a route CCTP twice"),
        (("venues",), {"DAI": []}, "venues.DAI", "DAI is not one of the assets"),
        (("chain_id",), 5, "chain_id", "is 5, but the settings have 1042161"),
    ],
)
def test_load__unusable__names_file_and_key(
    tmp_path: Path, path: tuple[str | int, ...], value: object, key: str, problem: str
) -> None:
    file = written(tmp_path, changed(path, value))
    with pytest.raises(DeploymentError, match=problem) as caught:
        load_treasury_deployment(file, 1042161)
    assert (caught.value.file, caught.value.key) == (file, key)
