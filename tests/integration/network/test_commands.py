"""Commands that act on a running network as Circle or as an exchange's customer."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from eth_typing import ChecksumAddress

from scripts.network import LocalChain, LocalNetwork, circle, inboxes
from scripts.network.bridging.exchange import ExchangeService
from scripts.network.bridging.server import running
from scripts.network.circle import messenger, pausable
from scripts.network.cli import commands
from scripts.network.running import announced


@pytest.fixture
def exchange() -> Generator[ExchangeService]:
    service = ExchangeService("key", "secret")
    with running(service):
        yield service


@pytest.fixture(autouse=True)
def file(
    network: LocalNetwork,
    chains: Mapping[str, LocalChain],
    exchange: ExchangeService,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Generator[Path]:
    """Description of the running network; the chains are reset afterwards."""
    del chains
    path = tmp_path / "running.json"
    for module in (circle, inboxes):
        monkeypatch.setattr(module, "RUNNING", path)
    monkeypatch.setattr(inboxes, "LOCAL_DEPLOYMENTS", tmp_path)
    with announced(network, path, {"exchange": exchange.url}):
        yield path


def invoke(*words: str) -> Result:
    return CliRunner().invoke(commands, words)


@pytest.mark.parametrize("part", ["transmitter", "minter"])
def test_circle__pause_and_unpause__are_the_contract_s(chain: LocalChain, part: str) -> None:
    paused = pausable(chain, part).functions.paused()
    assert invoke("circle", "pause", part).exit_code == 0
    assert paused.call() is True
    assert invoke("circle", "unpause", part).exit_code == 0
    assert paused.call() is False


def test_circle__deny_and_allow__are_the_list_s(chain: LocalChain, bob: ChecksumAddress) -> None:
    denied = messenger(chain).functions.isDenylisted(bob)
    assert invoke("circle", "deny", bob).exit_code == 0
    assert denied.call() is True
    assert invoke("circle", "allow", bob).exit_code == 0
    assert denied.call() is False


def test_circle__messenger_removed_and_added__is_as_before(
    chain: LocalChain, network: LocalNetwork
) -> None:
    domain = network.chains["arbitrum-local"].addresses.cctp.domain
    remote = messenger(chain).functions.remoteTokenMessengers(domain)
    before = remote.call()
    assert invoke("circle", "remove-messenger", "arbitrum-local").exit_code == 0
    assert remote.call() == bytes(32)
    assert invoke("circle", "add-messenger", "arbitrum-local").exit_code == 0
    assert remote.call() == before


def test_list_inboxes__deployed_treasuries__are_on_the_list_once(
    exchange: ExchangeService, tmp_path: Path
) -> None:
    inbox = "0x" + "e5" * 20
    routes = [
        {"name": "EXCHANGE", "asset": "USDC", "network": "ETH", "inbox": inbox},
        {"name": "CCTP", "asset": "USDC"},
    ]
    record = tmp_path / "ethereum-local.treasury.json"
    assert "no treasury is deployed" in invoke("list-inboxes").output
    record.write_text(json.dumps({"routes": routes}))
    for _ in range(2):
        assert invoke("list-inboxes").exit_code == 0
    (row,) = exchange.listed
    assert (row["coin"], row["network"], row["address"]) == ("USDC", "ETH", inbox)
    assert row["whiteStatus"] is True
