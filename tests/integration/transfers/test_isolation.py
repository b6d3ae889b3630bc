"""A failure between three real chains stops only the failed part, as on-chain balances show."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager

import pytest

from keepers.chain.limit_keys import LimitKey, LimitKind
from keepers.runtime.treasury.single_pass import TreasuryPass
from scripts.network.accounts import test_account
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.test_inventory import BASE, held, hold, look
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, KEEPER, OPTIMISM

GUARDIAN = test_account(2).address
MILLION = 10**6


def settled(keeper: TreasuryKeeper) -> TreasuryPass:
    """Run one check, and passes until its transfers have arrived."""
    found = look(keeper)
    keeper.settle()
    return found


@contextmanager
def silent_node() -> Generator[str]:
    """Yield the address of a node that accepts connections and never responds."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def closed_node() -> Generator[str]:
    """Yield the address of a stopped node."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    yield f"http://127.0.0.1:{port}"


def point(keeper: TreasuryKeeper, chain: str, url: str) -> None:
    """Point the keeper to another node for a chain, with a time limit of two seconds."""
    file = keeper.folder / "ballast.toml"
    text = file.read_text().replace(keeper.treasuries.chains[chain].url, url)
    text = text.replace("[treasury]\n", "[treasury]\nlook_seconds = 2\n")
    file.write_text(text)


def test_source_paused__another_alone_covers(keeper: TreasuryKeeper) -> None:
    """M22: the source is paused."""
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 400_000, OPTIMISM: 170_000})
    treasuries.send(ETHEREUM, "pause", sender=GUARDIAN)
    settled(keeper)
    assert held(treasuries, "USDC", ARBITRUM) == BASE * MILLION
    assert held(treasuries, "USDC", ETHEREUM) == 400_000 * MILLION
    assert held(treasuries, "USDC", OPTIMISM) == 120_000 * MILLION


@pytest.mark.parametrize("node", [silent_node, closed_node])
def test_chain_away__the_two_others_settle_between_them(
    keeper: TreasuryKeeper, node: Callable[[], AbstractContextManager[str]]
) -> None:
    """M29, T13: the node of a chain does not respond."""
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 170_000, OPTIMISM: 10_000})
    with node() as url:
        point(keeper, OPTIMISM, url)
        began = time.monotonic()
        found = look(keeper)
        keeper.settle()
        assert time.monotonic() - began < 60
    assert held(treasuries, "USDC", ARBITRUM) == BASE * MILLION
    assert held(treasuries, "USDC", OPTIMISM) == 10_000 * MILLION
    told = [each.text for each in found.leftovers]
    assert any("not checked: EVM-1000010 cannot be read" in each for each in told)


def test_chain_switched_off__is_neither_asked_nor_planned(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 170_000, OPTIMISM: 10_000})
    with closed_node() as url:
        point(keeper, OPTIMISM, url)
        file = keeper.folder / "ballast.toml"
        head = f"[treasury.chains.{OPTIMISM}]\n"
        file.write_text(file.read_text().replace(head, f"{head}enabled = false\n"))
        found = settled(keeper)
    assert held(treasuries, "USDC", ARBITRUM) == BASE * MILLION
    assert found.leftovers == ()


def test_destination_without_native_token__another_is_served(keeper: TreasuryKeeper) -> None:
    """M23: the destination lacks native tokens."""
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 400_000, OPTIMISM: 50_000})
    treasuries.chains[ARBITRUM].rpc("anvil_setBalance", KEEPER.address, hex(10**12))
    found = settled(keeper)
    assert held(treasuries, "USDC", OPTIMISM) == BASE * MILLION
    assert held(treasuries, "USDC", ARBITRUM) == 50_000 * MILLION
    (left,) = found.leftovers
    assert "USDC: EVM-1042161 lacks 50000" in left.text
    assert "native tokens, but" in left.text


def test_keeper_removed_from_a_source__another_alone_covers(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    hold(treasuries, "USDT", {ARBITRUM: 50_000, ETHEREUM: 400_000, OPTIMISM: 170_000})
    remove = treasuries.contract(ETHEREUM, "KillSwitch").functions.removeKeeper(KEEPER.address)
    treasuries.chains[ETHEREUM].send(remove, sender=GUARDIAN)
    settled(keeper)
    assert held(treasuries, "USDT", ARBITRUM) == BASE * MILLION
    assert held(treasuries, "USDT", ETHEREUM) == 400_000 * MILLION


def test_limit_of_a_route__is_shared_by_its_destinations(keeper: TreasuryKeeper) -> None:
    """A limit of 90,000 covers one deficit of 50,000, and the rest is too little for another."""
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 400_000, OPTIMISM: 50_000})
    limit(keeper, 90_000)
    found = settled(keeper)
    amounts = sorted(held(treasuries, "USDC", each) for each in (ARBITRUM, OPTIMISM))
    assert amounts == [50_000 * MILLION, BASE * MILLION]
    (left,) = found.leftovers
    assert "CCTP from EVM-1000001: its limit allows 90000 now" in left.text


def limit(keeper: TreasuryKeeper, whole: int) -> None:
    """Lower the limit of USDC over CCTP, as Ethereum's guardian."""
    treasuries = keeper.treasuries
    route = next(
        each["address"]
        for each in treasuries.record(ETHEREUM)["routes"]
        if (each["asset"], each["name"]) == ("USDC", "CCTP")
    )
    key = LimitKey(LimitKind.ASSET, route).packed
    month = 30 * 86_400
    treasuries.send(ETHEREUM, "lowerLimit", key, whole * MILLION, month, sender=GUARDIAN)
