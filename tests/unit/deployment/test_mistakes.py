"""Tests of mistakes in deployments files: each is refused by a message that names the key."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from scripts.deployment.config import require_real_accounts, require_separate_accounts
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.treasury.config import TreasuryConfig
from scripts.deployment.vault.config import VaultConfig

DEPLOYMENTS = Path(__file__).resolve().parents[3] / "deployments"
SOMEBODY = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
UNUSABLE = 2
Edit = Callable[[Any], object]


def put(section: str, key: str, value: object) -> Edit:
    """Return an edit that sets a key of a table."""
    return lambda document: document[section].update({key: value})


def rename(section: str, old: str, new: str) -> Edit:
    """Return an edit that misspells a key."""
    return lambda document: document[section].update({new: document[section].pop(old)})


def first(section: str, key: str, value: object) -> Edit:
    """Return an edit that sets a key of the first entry of a list of tables."""
    return lambda document: document[section][0].update({key: value})


MISTAKES: dict[str, tuple[Edit, str]] = {
    "key-unknown": (rename("roles", "guardians", "guards"), r"roles\.guards: Extra inputs"),
    "negative-cap": (
        first("keepers", "automatic", {"cap": "-1", "period_seconds": 60}),
        r"keepers\.0\.automatic\.cap: Input should be greater than 0",
    ),
    "wrong-type": (put("vault", "maximum_loss_bps", "much"), r"vault\.maximum_loss_bps: .*integer"),
    "bands-do-not-sum": (
        lambda document: document["vault"]["bands"][0].update(target_bps=1500),
        r"the targets of vault\.bands do not sum to 10000 basis points",
    ),
    "targets-do-not-sum": (
        first("l2", "target_bps", 4000),
        r"the targets of l2 do not sum to 10000 basis points",
    ),
    "cap-below-target": (
        first("l3", "cap_bps", 1000),
        r"WETH: its target is 6000 basis points of the vault, above its cap_bps of 1000",
    ),
    "keeper-twice": (
        lambda document: document["keepers"].append(document["keepers"][0]),
        r"keepers name 0x\w+ twice",
    ),
    "token-unknown": (first("l3", "asset", "WBTC"), r"not among the tokens: WBTC"),
    "path-without-fee": (first("l3", "path", ["USDT", "WETH"]), r"a pool's fee"),
    "address-too-short": (
        put("external", "uniswap_factory", SOMEBODY[:-2]),
        r"external\.uniswap_factory: .*is not an address",
    ),
    "checksum-wrong": (
        put("external", "uniswap_factory", SOMEBODY.replace("C518", "c518")),
        r"external\.uniswap_factory: .*has a wrong checksum: a digit is mistyped",
    ),
    "no-delay": (
        put("roles", "configurator_delay_seconds", 0),
        r"roles: .*configurator_delay_seconds: 0 lets a stolen key act",
    ),
    "no-guardian": (put("roles", "guardians", []), r"roles: .*guardians: without one"),
}


def written(tmp_path: Path, edit: Edit, example: str = "example.toml") -> Path:
    document: Any = tomlkit.parse((DEPLOYMENTS / example).read_text())
    edit(document)
    path = tmp_path / "own.toml"
    path.write_text(tomlkit.dumps(document))
    return path


@pytest.mark.parametrize(("edit", "said"), MISTAKES.values(), ids=MISTAKES)
def test_mistake__in_a_deployments_file__names_file_and_key(
    tmp_path: Path, edit: Edit, said: str
) -> None:
    with pytest.raises(DeploymentConfigError, match=said) as refused:
        VaultConfig.load(written(tmp_path, edit))
    assert "own.toml" in str(refused.value)
    assert refused.value.exit_code == UNUSABLE


def test_mistake__not_toml__names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text("[roles\n")
    with pytest.raises(DeploymentConfigError, match=r"own\.toml: .*line 1"):
        VaultConfig.load(path)


def test_mistake__no_file__names_the_example(tmp_path: Path) -> None:
    with pytest.raises(
        DeploymentConfigError, match=r"no such file; copy deployments/example\.toml"
    ):
        VaultConfig.load(tmp_path / "own.toml")


def test_mistake__placeholders_left__names_the_role(tmp_path: Path) -> None:
    config = VaultConfig.load(written(tmp_path, lambda _: None))
    with pytest.raises(DeploymentConfigError, match=r"roles\.admin is 0x0+dEaD, .* placeholder"):
        require_real_accounts(config)


@pytest.mark.parametrize("role", ["admin", "configurators", "guardians", "approvers"])
def test_mistake__keeper_with_another_role__is_refused(tmp_path: Path, role: str) -> None:
    def edit(document: Any) -> None:
        document["keepers"][0]["account"] = SOMEBODY
        if role == "approvers":
            document["approvers"][0]["account"] = SOMEBODY
        else:
            document["roles"][role] = SOMEBODY if role == "admin" else [SOMEBODY]

    config = VaultConfig.load(written(tmp_path, edit))
    with pytest.raises(DeploymentConfigError, match=f"is among keepers and in .*{role}"):
        require_separate_accounts(config)


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (put("roles", "admin_delay_seconds", 0), "admin_delay_seconds: 0 lets a stolen key act"),
        (put("bands", "single_above", "300000"), "single_above is above dual_above"),
        (first("venues", "asset", "DAI"), "not among the assets: DAI"),
        (first("routes", "domain", -1), r"routes\.0\.CCTP\.domain"),
        (
            first("venues", "address", SOMEBODY.replace("C518", "c518")),
            r"venues\.0\.address: .*wrong checksum",
        ),
    ],
)
def test_mistake__in_a_treasurys_file__names_the_key(tmp_path: Path, edit: Edit, said: str) -> None:
    with pytest.raises(DeploymentConfigError, match=said):
        TreasuryConfig.load(written(tmp_path, edit, "example.treasury.toml"))
