"""O7, O9, T1: signed calls are listed in words, confirmed once, and sent in few transactions."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from eth_account import Account

from scripts.deployment.batches import CALLS_PER_TRANSACTION
from scripts.deployment.chain import unlocked_chain
from scripts.deployment.configure import configure
from scripts.deployment.deploy import deploy
from scripts.deployment.errors import DeploymentError
from scripts.deployment.record import Record
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import write_local_config
from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain
from tests.contracts.conftest import ROOT, Scripts, ape

APE = Path(sys.prefix) / "bin" / "ape"
PASSPHRASE = "of nobody"
MOST_TRANSACTIONS = 4


@pytest.fixture
def keystores(tmp_path: Path) -> Path:
    """Data folder of ape with the deployer's key as an encrypted file."""
    folder = tmp_path / "ape"
    (folder / "accounts").mkdir(parents=True)
    key = test_account(0).key
    (folder / "accounts" / "deployer.json").write_text(json.dumps(Account.encrypt(key, PASSPHRASE)))
    return folder


def test_scripts__keystore_account__asks_once_and_signs_all(
    local_chain: LocalChain, tmp_path: Path, keystores: Path
) -> None:
    snapshot = local_chain.snapshot()
    config = tmp_path / "ethereum-local.toml"
    write_local_config(local_chain, config)
    for script, least in (("deploy", 18), ("configure", 100)):
        before = local_chain.web3.eth.block_number
        done = subprocess.run(
            [
                str(APE), "run", script, "--account", "deployer", "--config", str(config),
                "--network", f"ethereum:{local_chain.name}:{local_chain.url}",
            ],
            cwd=ROOT, input="y\n", capture_output=True, text=True, check=False,
            env={
                **os.environ,
                "APE_DATA_FOLDER": str(keystores),
                "APE_ACCOUNTS_deployer_PASSPHRASE": PASSPHRASE,
            },
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stdout.count("[y/N]") == 1
        (calls, transactions) = re.findall(
            r"^(\d+) calls in (\d+) transactions", done.stdout, re.MULTILINE
        )[0]
        assert int(calls) >= least
        assert local_chain.web3.eth.block_number - before == int(transactions)
        if script == "configure":
            assert int(transactions) <= MOST_TRANSACTIONS
            assert "AssetController.raiseLimit(key = 0x01" in done.stdout
            assert "cap = 2000000000000, period = 86400" in done.stdout
        else:
            assert "LiquidityVault: new LiquidityVault(AccessManager, 0x" in done.stdout
    local_chain.revert(snapshot)


def test_configure__nobody_to_ask__signs_nothing_and_says_how(scripts: Scripts) -> None:
    path = scripts.config
    path.write_text(path.read_text().replace("[vault]", "[vault]\nholding_seconds = 60"))
    before = scripts.chain.web3.eth.block_number
    network = f"ethereum:{scripts.chain.name}:{scripts.chain.url}"
    done = ape(
        "run", "configure", "--network", network, "--config", str(path), "--account", "TEST::0"
    )
    path.write_text(path.read_text().replace("holding_seconds = 60\n", ""))
    assert done.returncode == 1
    assert "LiquidityVault: holding time in seconds: 60" in done.stdout
    assert "LiquidityVault.setHoldingTime(" in done.stdout
    assert "--yes signs without asking" in done.stderr
    assert scripts.chain.web3.eth.block_number == before


def test_configure__call_that_would_revert__is_named_before_anything_is_sent(
    scripts: Scripts,
) -> None:
    deployment = scripts.deployment()
    vault = deployment.config.vault.model_copy(update={"maximum_loss_bps": 1001})
    update = {"vault": vault, "approvers": ()}
    broken = ManagedVault(
        deployment.chain, deployment.config.model_copy(update=update), deployment.record
    )
    before = scripts.chain.web3.eth.block_number
    with pytest.raises(DeploymentError, match=r"setBounds would revert: .*nothing was"):
        configure(broken, print)
    assert scripts.chain.web3.eth.block_number == before


def test_configure__failing_between_batches__gives_the_role_back(
    scripts: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment = scripts.deployment()
    stranger = test_account(6).address
    roles = deployment.config.roles.model_copy(update={"configurators": (stranger,)})
    handed = ManagedVault(
        deployment.chain, deployment.config.model_copy(update={"roles": roles}), deployment.record
    )
    configure(handed, print)
    monkeypatch.setattr("scripts.deployment.batches.CALLS_PER_TRANSACTION", 1)
    vault = handed.config.vault.model_copy(update={"holding_seconds": 60, "maximum_loss_bps": 99})
    changed = handed.config.model_copy(update={"vault": vault})
    sent: list[str] = []

    def failing(progress: str) -> None:
        sent.append(progress)
        if "holding time" in progress:
            raise DeploymentError("the node is gone")

    with pytest.raises(DeploymentError, match="the node is gone"):
        configure(ManagedVault(handed.chain, changed, handed.record), failing)
    assert "configurator's role given back" in sent[-1]
    assert not handed.read("AccessManager", "hasRole", 1, handed.chain.sender)[0]


def test_configure__measured__one_transaction_for_many_calls(
    local_chain: LocalChain, tmp_path: Path
) -> None:
    snapshot = local_chain.snapshot()
    config_path = tmp_path / "own.toml"
    write_local_config(local_chain, config_path)
    config = VaultConfig.load(config_path)
    chain = unlocked_chain(local_chain.web3, test_account(0).address)
    record = Record.load(tmp_path / "own.json", config)
    deploy(ManagedVault(chain, config, record), print)
    before = local_chain.web3.eth.block_number
    sent = configure(ManagedVault(chain, config, record), print)
    after = local_chain.web3.eth.block_number
    assert after - before == -(-sent // CALLS_PER_TRANSACTION)
    gas = [
        local_chain.web3.eth.get_block(number).get("gasUsed", 0)
        for number in range(before + 1, after + 1)
    ]
    assert max(gas) < 2**23  # half of EIP-7825's limit for a transaction
    local_chain.revert(snapshot)


def test_safe__calls_of_a_safe_with_a_delay__are_written_for_its_transaction_builder(
    scripts: Scripts, tmp_path: Path
) -> None:
    """O7: a Safe as admin signs no transaction through ape."""
    deployment = scripts.deployment()
    safe = test_account(5).address
    roles = deployment.config.roles.model_copy(update={"configurators": (safe,)})
    update = {"roles": roles.model_copy(update={"configurator_delay_seconds": 60})}
    handed = ManagedVault(
        deployment.chain, deployment.config.model_copy(update=update), deployment.record
    )
    configure(handed, print)
    text = scripts.config.read_text()
    owner = f'configurators = ["{deployment.chain.sender}"]'
    assert owner in text
    scripts.config.write_text(
        text.replace("[vault]", "[vault]\nholding_seconds = 60")
        .replace(owner, f'configurators = ["{safe}"]')
        .replace("configurator_delay_seconds = 0", "configurator_delay_seconds = 60")
    )
    output = tmp_path / "batch.json"
    network = f"ethereum:{scripts.chain.name}:{scripts.chain.url}"
    options = ("--network", network, "--config", str(scripts.config))
    done = ape("run", "safe", *options, "--safe", safe, "--output", str(output))
    scripts.config.write_text(text)
    assert done.returncode == 0, done.stdout + done.stderr
    (call,) = json.loads(output.read_text())["transactions"]
    manager = deployment.contract("AccessManager")
    function, given = manager.decode_function_input(call["data"])
    assert (call["to"], function.fn_name) == (manager.address, "schedule")
    assert given["target"] == deployment.address("LiquidityVault")


def test_configure__unpause__lets_go_on_what_the_guardian_paused(scripts: Scripts) -> None:
    """O11: a configurator with a delay schedules the call, and a later run executes it."""
    deployment = scripts.deployment()
    guardian = unlocked_chain(deployment.chain.web3, test_account(2).address)
    pausing = deployment.contract("AssetController").encode_abi("pause")
    guardian.call(deployment.address("AssetController"), pausing)
    assert configure(deployment, print) == 0
    assert configure(deployment, print, unpause=True) == 1
    assert not deployment.read("AssetController", "paused")
