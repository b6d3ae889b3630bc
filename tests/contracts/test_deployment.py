"""The ape scripts: deploy once, configure what differs, verify names every difference."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from scripts.deployment.configurer import all_differences, configure
from scripts.deployment.contracts import ORDER
from scripts.deployment.deployer import EMPTY_CODE_HASH, deploy
from scripts.deployment.differences import Deployment
from scripts.deployment.errors import DeploymentError
from scripts.deployment.roles import FUNCTION_ROLES
from tests.contracts.conftest import ROOT, Scripts

STRANGER = "0x00000000000000000000000000000000DeaDBeef"


def named(deployment: Deployment) -> set[tuple[str, str]]:
    return {(entry.contract, entry.what) for entry in all_differences(deployment)}


def send(deployment: Deployment, name: str, function: str, *arguments: object) -> None:
    data = deployment.contract(name).encode_abi(function, args=list(arguments))
    deployment.chain.call(deployment.address(name), data)


def test_deploy__second_run__deploys_nothing(scripts: Scripts) -> None:
    before = scripts.chain.web3.eth.block_number
    done = scripts.run("deploy")
    assert done.returncode == 0, done.stderr
    assert "0 deployed" in done.stdout
    assert done.stdout.count("already at") == len(ORDER)
    assert scripts.chain.web3.eth.block_number == before


def test_configure__second_run__sends_nothing(scripts: Scripts) -> None:
    before = scripts.chain.web3.eth.block_number
    done = scripts.run("configure")
    assert done.returncode == 0, done.stderr
    assert "nothing to change" in done.stdout
    assert scripts.chain.web3.eth.block_number == before


def test_verify__untouched__says_as_intended(scripts: Scripts) -> None:
    done = scripts.run("verify")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "as intended" in done.stdout


def test_verify__tampered__names_each_difference(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    send(deployment, "AssetController", "setMaxLossBps", 250)
    send(deployment, "AssetController", "setKeeper", STRANGER, True)
    send(deployment, "AccessManager", "grantRole", 2, STRANGER, 0)
    done = scripts.run("verify", "--json")
    assert done.returncode == 1
    found = {(row["contract"], row["what"]) for row in json.loads(done.stdout)["differences"]}
    assert found == {
        ("AssetController", "maximum loss in bps"),
        ("AssetController", f"isKeeper({STRANGER})"),
        ("AccessManager", f"role 2 of {STRANGER} (held)"),
    }


def test_verify__other_code_at_an_address__names_the_contract(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    scripts.chain.rpc("anvil_setCode", deployment.address("PriceOracle"), "0x60016001")
    assert named(deployment) == {("PriceOracle", "code hash")}


@pytest.mark.parametrize(
    ("name", "function", "arguments"),
    [
        ("PriceOracle", "removeFeed", ("WETH",)),
        ("PortfolioL3", "setOperator", (STRANGER, True)),
        (
            "AssetController",
            "setTierBands",
            ([(0, 0, 10_000), (0, 0, 10_000), (0, 10_000, 10_000)],),
        ),
        ("UniswapV3Venue", "setTrader", (STRANGER, True)),
        ("AccessManager", "setTargetClosed", ("LiquidityVault", True)),
    ],
)
def test_configure__tampered_parameter__is_named_and_mended(
    scripts: Scripts, name: str, function: str, arguments: tuple[object, ...]
) -> None:
    deployment = scripts.deployment()
    addresses = {symbol: token.address for symbol, token in deployment.config.tokens.items()}
    addresses |= {
        contract: entry.address for contract, entry in deployment.record.contracts.items()
    }
    resolved = [addresses.get(item, item) if isinstance(item, str) else item for item in arguments]
    send(deployment, name, function, *resolved)
    assert len(named(deployment)) == 1
    assert configure(deployment, lambda _: None) == 1
    assert named(deployment) == set()


def test_deploy__chain_without_the_recorded_code__refuses(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    scripts.chain.rpc("anvil_setCode", deployment.address("AssetController"), "0x")
    assert deployment.chain.code_hash(deployment.address("AssetController")) == EMPTY_CODE_HASH
    with pytest.raises(DeploymentError, match="no code there"):
        deploy(deployment.chain, deployment.config, deployment.record, lambda _: None)


def test_deploy__interrupted__goes_on_where_it_stopped(scripts: Scripts) -> None:
    deployment = scripts.deployment()
    del deployment.record.contracts["UniswapV3Venue"]
    again = deploy(deployment.chain, deployment.config, deployment.record, lambda _: None)
    assert again == ["UniswapV3Venue"]


def test_deploy__node_of_another_chain__refuses(scripts: Scripts, tmp_path: Path) -> None:
    other = tmp_path / "other.toml"
    other.write_text(scripts.config.read_text().replace("chain_id = 1000001", "chain_id = 1"))
    done = Scripts(scripts.chain, other).run("deploy")
    assert done.returncode == 1
    assert "the node says chain 1000001" in done.stderr
    assert "Traceback" not in done.stderr


def test_function_roles__cover_every_restricted_function_of_the_sources() -> None:
    pattern = re.compile(r"function (\w+)\([^)]*\)[^{;]*\brestricted\b")
    for name, roles in FUNCTION_ROLES.items():
        contract = "Portfolio" if name.startswith("Portfolio") else name
        (source,) = (ROOT / "contracts").rglob(f"{contract}.sol")
        restricted = set(pattern.findall(source.read_text()))
        assert restricted == {function for functions in roles.values() for function in functions}
