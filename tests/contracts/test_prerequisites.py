"""O8: the file is compared with the chain's state before the first signature."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tomlkit

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.deploy import deploy
from scripts.deployment.errors import DeploymentConfigError
from scripts.deployment.local import GUARDIAN
from scripts.deployment.record import Record
from scripts.deployment.signing_list import SigningList
from scripts.deployment.treasury.deployment import ManagedTreasury
from scripts.deployment.treasury.local import local_treasury
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import local_config
from scripts.network.accounts import WHALE, test_account
from scripts.network.chain import LocalChain

NO_CONTRACT = "0x00000000000000000000000000000000DeaDBeef"
Document = dict[str, Any]


def asked(_: SigningList) -> None:
    pytest.fail("it reached the signature")


def _other_decimals(document: Document) -> None:
    document["tokens"]["TBILL"]["decimals"] = 3


def _no_token(document: Document) -> None:
    document["tokens"]["WETH"]["address"] = NO_CONTRACT


def _no_pool(document: Document) -> None:
    document["l3"][0]["path"][1] = 10_000


def _other_fund(document: Document) -> None:
    tokens = document["tokens"]
    tokens["TBILL"]["address"] = tokens["OTHER"]["address"]
    del tokens["OTHER"]


def _no_feed(document: Document) -> None:
    document["tokens"]["WETH"]["feed"]["aggregator"] = NO_CONTRACT


def _feed_of_another(document: Document) -> None:
    document["tokens"]["WETH"]["feed"] = document["tokens"]["HYD"]["feed"]


def _token_as_feed(document: Document) -> None:
    document["tokens"]["WETH"]["feed"]["aggregator"] = document["external"]["multicall3"]


def _price_out_of_bounds(document: Document) -> None:
    document["tokens"]["WETH"]["feed"]["maximum_price"] = "200"


def _no_factory(document: Document) -> None:
    document["external"]["uniswap_factory"] = NO_CONTRACT


def _keeper_is_guardian(document: Document) -> None:
    document["keepers"][0]["account"] = test_account(GUARDIAN).address


def _keeper_is_approver(document: Document) -> None:
    document["keepers"][0]["account"] = document["approvers"][0]["account"]


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (_other_decimals, r"tokens\.TBILL\.decimals: is 3 in the file and \d+ on the chain"),
        (_no_token, r"tokens\.WETH\.address: the chain has no contract at 0x0+DeaDBeef"),
        (_no_pool, r"l3 holding WETH: there is no pool of USDT and WETH with fee 10000"),
        (_other_fund, r"l2 holding TBILL: the fund at 0x\w+ accepts 0x\w+, not 0x\w+"),
        (_no_feed, r"aggregator of WETH: the chain has no contract at 0x0+DeaDBeef"),
        (_feed_of_another, r"tokens\.WETH\.feed: the feed at 0x\w+ is described as 'HYD / USD'"),
        (_token_as_feed, r"tokens\.WETH\.feed: the contract at 0x\w+ is not a price feed"),
        (_price_out_of_bounds, r"tokens\.WETH\.feed: the price is [\d.]+, outside minimum_price"),
        (_no_factory, r"external\.uniswap_factory: the chain has no contract"),
        (_keeper_is_guardian, r"is among keepers and in roles\.guardians"),
        (_keeper_is_approver, r"is among keepers and in approvers"),
    ],
)
def test_deploy__file_unlike_the_chain__is_refused_before_any_signature(
    local_chain: LocalChain, tmp_path: Path, mistake: Callable[[Document], None], said: str
) -> None:
    document = local_config(local_chain)
    document["tokens"]["OTHER"] = {"address": local_chain.addresses.funds["AAVE-USDC"]}
    mistake(document)
    document["tokens"].pop("OTHER", None)
    path = tmp_path / "own.toml"
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    config = VaultConfig.load(path)
    chain = unlocked_chain(local_chain.web3, WHALE)
    before = local_chain.web3.eth.block_number
    with pytest.raises(DeploymentConfigError, match=said):
        deploy(
            ManagedVault(chain, config, Record.load(tmp_path / "own.json", config)), print, asked
        )
    assert local_chain.web3.eth.block_number == before


def test_deploy__feed_of_another_name_that_is_given__is_taken(
    local_chain: LocalChain, tmp_path: Path
) -> None:
    document = local_config(local_chain)
    document["tokens"]["WETH"]["feed"]["description"] = "ETH / USD"
    document["tokens"]["HYD"]["feed"]["description"] = "WETH / USD"
    path = tmp_path / "own.toml"
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    config = VaultConfig.load(path)
    chain = unlocked_chain(local_chain.web3, WHALE)
    with pytest.raises(DeploymentConfigError) as refused:
        deploy(
            ManagedVault(chain, config, Record.load(tmp_path / "own.json", config)), print, asked
        )
    assert "tokens.HYD.feed" in str(refused.value)
    assert "tokens.WETH" not in str(refused.value)


def _wrong_domain(document: Document) -> None:
    document["routes"][0]["domain"] = 99


def _other_transmitter(document: Document) -> None:
    document["routes"][0]["transmitter"] = document["routes"][0]["messenger"]


def _wrong_eid(document: Document) -> None:
    document["routes"][1]["eid"] = 99


def _other_oft(document: Document) -> None:
    document["routes"][1]["oft"] = NO_CONTRACT


def _venue_of_another(document: Document) -> None:
    document["venues"][0]["asset"] = "USDT"


@pytest.mark.parametrize(
    ("mistake", "said"),
    [
        (_wrong_domain, r"route USDC\.CCTP: domain: is 99 in the file and \d+ on the chain"),
        (_other_transmitter, r"route USDC\.CCTP: transmitter: is 0x\w+ in the file"),
        (_wrong_eid, r"route USDT\.OFT: eid: is 99 in the file"),
        (_other_oft, r"route USDT\.OFT: oft: the chain has no contract"),
        (_venue_of_another, r"the fund at 0x\w+ accepts 0x\w+"),
    ],
)
def test_treasury_deploy__file_unlike_the_chain__is_refused_before_any_signature(
    local_chain: LocalChain, tmp_path: Path, mistake: Callable[[Document], None], said: str
) -> None:
    document = local_treasury(local_chain, ())
    mistake(document)
    path = tmp_path / "own.treasury.toml"
    path.write_text(tomlkit.dumps(document))  # pyright: ignore[reportUnknownMemberType]
    deployment = ManagedTreasury.open(unlocked_chain(local_chain.web3, WHALE), path)
    before = local_chain.web3.eth.block_number
    with pytest.raises(DeploymentConfigError, match=said):
        deploy(deployment, print, asked)
    assert local_chain.web3.eth.block_number == before
