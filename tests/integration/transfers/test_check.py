"""`ballast check` of real treasuries: it passes, or has a line with advice for each fault."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from eth_utils.address import to_checksum_address

from keepers.cli.main import cli
from tests.integration.transfers.keeper import ENVIRONMENT, KEY_VARIABLE, TreasuryKeeper
from tests.integration.transfers.treasuries import (
    ARBITRUM,
    ETHEREUM,
    KEEPER,
    OPTIMISM,
    Treasuries,
)

Checks = Callable[[], dict[str, str]]


@pytest.fixture
def file(treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings of a keeper with nothing missing."""
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for chain in treasuries.chains.values():
        chain.rpc("evm_mine", hex(int(time.time())))  # the reset has moved the chain into the past
    return TreasuryKeeper(
        treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}"
    ).configure()


@pytest.fixture
def problems(file: Path) -> Checks:
    """Function that returns the failed checks of `ballast check --json`, by name."""

    def found() -> dict[str, str]:
        arguments = ["check", "--vault", "treasury", "--json", "--config", str(file)]
        result = CliRunner(mix_stderr=False).invoke(cli, arguments)
        document = json.loads(result.stdout)
        failed = {row["name"]: row["detail"] for row in document["checks"] if not row["ok"]}
        assert document["ok"] is (not failed)
        assert result.exit_code == (1 if failed else 0)
        return failed

    return found


def test_check__all_is_there__says_what(file: Path) -> None:
    result = CliRunner(mix_stderr=False).invoke(cli, ["check", "--config", str(file)])
    assert result.exit_code == 0, result.stdout
    assert "OK    configuration: treasuries on ethereum-local, arbitrum-local" in result.stdout
    assert f"OK    ethereum-local: key: {KEEPER.address}" in result.stdout
    assert "OK    optimism-local: lanes: " in result.stdout
    assert "attestation keys\n" in result.stdout
    assert (
        "OK    bridge EXCHANGE: its withdrawal addresses are exactly our 6 inboxes" in result.stdout
    )
    assert "OK    bridge CUSTODIAN: all 12 lanes are open" in result.stdout


def test_check__chain__each_fault_has_a_line(treasuries: Treasuries, problems: Checks) -> None:
    roles = treasuries.deployments[ETHEREUM].roles
    assert roles is not None
    (guardian,) = roles.guardians
    (venue,) = treasuries.record(OPTIMISM)["venues"]["USDT"]
    (cctp, *_) = treasuries.record(ARBITRUM)["routes"]
    treasuries.send(ETHEREUM, "pause", sender=guardian)
    remove = treasuries.contract(ETHEREUM, "KillSwitch").functions.removeKeeper(KEEPER.address)
    treasuries.chains[ETHEREUM].send(remove, sender=to_checksum_address(guardian))
    treasuries.send(ARBITRUM, "closeLane", cctp["address"], cctp["lanes"][0], sender=guardian)
    treasuries.send(OPTIMISM, "closeVenue", venue, sender=guardian)
    treasuries.chains[OPTIMISM].rpc("anvil_setBalance", KEEPER.address, hex(10**15))
    found = problems()
    assert found.keys() == {
        "ethereum-local: keeper",
        "ethereum-local: treasury",
        "arbitrum-local: lanes",
        "optimism-local: venues",
        "optimism-local: coins",
    }
    assert "has removed" in found["ethereum-local: keeper"]
    assert "--restore-keepers" in found["ethereum-local: keeper"]
    assert "the lane is closed" in found["arbitrum-local: lanes"]
    assert "is closed, so nothing can be invested" in found["optimism-local: venues"]
    assert "for gas and LayerZero's fee; fund 0x" in found["optimism-local: coins"]


def test_check__deployments_file__is_held_against_the_chain(
    treasuries: Treasuries, problems: Checks
) -> None:
    file = treasuries.folder / f"{ETHEREUM}.treasury.json"
    record = json.loads(file.read_text())
    record["assets"]["USDT"]["decimals"] = 18
    record["routes"][0]["max_fee_bps"] = 14
    record["contracts"]["TreasuryLens"]["code_hash"] = "0x" + "00" * 32
    file.write_text(json.dumps(record))
    found = problems()
    assert found.keys() >= {
        "ethereum-local: assets",
        "ethereum-local: routes",
        "ethereum-local: contract TreasuryLens",
        "arbitrum-local: lanes",
    }
    assert "with 6 decimals, but" in found["ethereum-local: assets"]
    assert (
        "max_fee_bps of route CCTP of USDC is 15, but 14 in the file"
        in found["ethereum-local: routes"]
    )


def test_check__services__say_what_is_wrong_with_each(
    treasuries: Treasuries, problems: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchange = treasuries.bridges.exchange
    monkeypatch.setitem(exchange.rights, "enableInternalTransfer", True)
    monkeypatch.setitem(exchange.rights, "ipRestrict", False)
    gone = exchange.listed.pop()
    exchange.list_address("USDC", "ETH", "0x" + "66" * 20)
    monkeypatch.setenv("BALLAST_CUSTODIAN_TOKEN", "")
    found = problems()
    assert found.keys() == {"bridge EXCHANGE", "bridge CUSTODIAN"}
    assert gone["address"].lower() in found["bridge EXCHANGE"]
    assert f"it may withdraw to 0x{'66' * 20}" in found["bridge EXCHANGE"]


def test_check__key_and_node_gone__others_are_looked_at(
    treasuries: Treasuries, file: Path, problems: Checks, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = treasuries.chains[ARBITRUM].url
    file.write_text(file.read_text().replace(url, "http://127.0.0.1:1"))
    monkeypatch.delenv(KEY_VARIABLE)
    found = problems()
    assert "arbitrum-local: chain" in found
    assert "ethereum-local: key" in found
    assert not any(name.startswith("bridge") for name in found)
