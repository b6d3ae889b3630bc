import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from keepers.config import DeploymentError, load_deployment
from keepers.config.deployment import REQUIRED_CONTRACTS

USDT = "0xdAC17F958D2ee523a2206206994597C13D831ec7"
CONTRACT: dict[str, Any] = {
    "address": USDT.lower(),
    "transaction": "0x" + "ab" * 32,
    "block": 12,
    "arguments": [],
    "code_hash": "0x" + "cd" * 32,
}
FILE: dict[str, Any] = {
    "network": "ethereum-local",
    "chain_id": 1000001,
    "tokens": {"USDT": {"address": USDT, "decimals": 6}},
    "contracts": {name: dict(CONTRACT) for name in (*REQUIRED_CONTRACTS, "UniswapV3Venue")},
    "external": {"multicall3": USDT},
    "block": 40,
}


def written(folder: Path, content: object) -> Path:
    file = folder / "ethereum-local.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    return file


def test_load_deployment__as_the_scripts_write_it__is_read(tmp_path: Path) -> None:
    found = load_deployment(written(tmp_path, FILE), 1000001)
    assert found.address("AssetController") == USDT
    assert (found.tokens["USDT"].decimals, found.external["multicall3"]) == (6, USDT)


def test_load_deployment__keepers__are_read_and_may_be_left_out(tmp_path: Path) -> None:
    assert load_deployment(written(tmp_path, FILE)).keepers == ()
    assert load_deployment(written(tmp_path, FILE | {"keepers": [USDT]})).keepers == (USDT,)


def test_load_deployment__key_of_a_later_version__is_ignored(tmp_path: Path) -> None:
    load_deployment(written(tmp_path, FILE | {"comment": "hello"}))


def without(*path: str) -> dict[str, Any]:
    content = deepcopy(FILE)
    table = content
    for key in path[:-1]:
        table = table[key]
    del table[path[-1]]
    return content


@pytest.mark.parametrize(
    ("content", "key", "problem"),
    [
        (without("chain_id"), "chain_id", "is missing"),
        (without("contracts", "AssetController"), "contracts.AssetController", "is missing"),
        (without("contracts", "PriceOracle", "address"), "contracts.PriceOracle.address",
         "is missing"),
        (FILE | {"external": {"multicall3": "0x12"}}, "external.multicall3", "is not an address"),
        (FILE | {"external": {"multicall3": USDT.replace("dAC", "DAC")}}, "external.multicall3",
         "has a wrong checksum"),
        (FILE | {"chain_id": 5}, "chain_id", "is 5, but the settings have 1000001"),
        ("{", "", "is not JSON"),
        ([], "", "valid dictionary"),
    ],
)  # fmt: skip
def test_load_deployment__unusable__names_file_and_key(
    tmp_path: Path, content: object, key: str, problem: str
) -> None:
    file = written(tmp_path, content)
    with pytest.raises(DeploymentError, match=problem) as caught:
        load_deployment(file, 1000001)
    assert (caught.value.file, caught.value.key) == (file, key)
    assert str(caught.value).startswith(f"{file}: {key}")


def test_load_deployment__not_there__says_who_writes_it(tmp_path: Path) -> None:
    with pytest.raises(DeploymentError, match="does not exist; `ape run deploy` writes it"):
        load_deployment(tmp_path / "none.json")


def test_load_deployment__nested_too_deep__says_so(tmp_path: Path) -> None:
    file = tmp_path / "d.json"
    file.write_text("[" * 100_000)
    with pytest.raises(DeploymentError, match="nested too deep"):
        load_deployment(file)
