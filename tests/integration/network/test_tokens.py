"""Peculiarities of the tokens that callers must handle."""

from collections.abc import Mapping

import pytest
from eth_typing import ChecksumAddress
from web3.exceptions import ContractCustomError

from scripts.network import WHALE, LocalChain
from scripts.network.errors import TransactionFailedError
from scripts.network.market import give, units


def _answer(chain: LocalChain, symbol: str, function: str, *arguments: object) -> str:
    token = chain.token(symbol)
    data = token.encode_abi(function, list(arguments))
    return chain.rpc("eth_call", {"from": WHALE, "to": token.address, "data": data}, "latest")


def test_usdt__transfer_and_approve__return_nothing(
    chains: Mapping[str, LocalChain], bob: ChecksumAddress
) -> None:
    for chain in chains.values():
        assert _answer(chain, "USDT", "transfer", bob, 1) == "0x"
        assert _answer(chain, "USDT", "approve", bob, 1) == "0x"
        assert int(_answer(chain, "USDC", "transfer", bob, 1), 16) == 1


def test_usdt__transfer_from__returns_nothing_and_moves_the_tokens(
    chain: LocalChain, alice: ChecksumAddress, bob: ChecksumAddress
) -> None:
    functions, before = chain.token("USDT").functions, chain.balance("USDT", bob)
    chain.send(functions.approve(WHALE, 5), sender=alice)
    assert _answer(chain, "USDT", "transferFrom", alice, bob, 5) == "0x"
    chain.send(functions.transferFrom(alice, bob, 5))
    assert chain.balance("USDT", bob) == before + 5


def test_usdt__approve_over_an_allowance__reverts_until_it_is_zero(
    chain: LocalChain, alice: ChecksumAddress, bob: ChecksumAddress
) -> None:
    functions = chain.token("USDT").functions
    chain.send(functions.approve(bob, 5), sender=alice)
    with pytest.raises(TransactionFailedError, match="approve reverted"):
        chain.send(functions.approve(bob, 6), sender=alice)
    chain.send(functions.approve(bob, 0), sender=alice)
    chain.send(functions.approve(bob, 6), sender=alice)
    assert functions.allowance(alice, bob).call() == 6


def test_usdt__fee_switched_on__the_receiver_gets_less(
    chain: LocalChain, alice: ChecksumAddress, bob: ChecksumAddress
) -> None:
    functions, before = chain.token("USDT").functions, chain.balance("USDT", bob)
    chain.send(functions.setParams(10, units("USDT", 50)))
    chain.send(functions.transfer(bob, units("USDT", 1_000)), sender=alice)
    # 10 basis points of 1,000 are 1.
    assert chain.balance("USDT", bob) - before == units("USDT", 999)


def test_usdt__blacklisted_account__cannot_send_and_can_lose_its_funds(
    chain: LocalChain, alice: ChecksumAddress, bob: ChecksumAddress
) -> None:
    functions = chain.token("USDT").functions
    chain.send(functions.addBlackList(alice))
    with pytest.raises(ContractCustomError):
        functions.transfer(bob, 1).call({"from": alice})
    chain.send(functions.destroyBlackFunds(alice))
    assert chain.balance("USDT", alice) == 0


def test_usdc__blacklist__blocks_every_party(
    chain: LocalChain, alice: ChecksumAddress, bob: ChecksumAddress
) -> None:
    functions = chain.token("USDC").functions
    chain.send(functions.approve(alice, 1), sender=bob)
    chain.send(functions.blacklist(alice))
    for call, sender in (
        (functions.transfer(bob, 1), alice),
        (functions.transfer(alice, 1), bob),
        (functions.approve(alice, 2), bob),
        (functions.transferFrom(bob, WHALE, 1), alice),
    ):
        with pytest.raises(ContractCustomError):
            call.call({"from": sender})
    chain.send(functions.unBlacklist(alice))
    chain.send(functions.transfer(bob, 1), sender=alice)


def test_usdc__paused__moves_nothing(chain: LocalChain, alice: ChecksumAddress) -> None:
    functions = chain.token("USDC").functions
    chain.send(functions.pause())
    with pytest.raises(ContractCustomError):
        functions.transfer(WHALE, 1).call({"from": alice})
    chain.send(functions.unpause())
    chain.send(functions.transfer(WHALE, 1), sender=alice)


def test_usdc__minter__mints_within_its_allowance_only(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    functions = chain.token("USDC").functions
    with pytest.raises(ContractCustomError):
        functions.mint(alice, 1).call({"from": alice})
    chain.send(functions.configureMinter(alice, 10))
    chain.send(functions.mint(alice, 10), sender=alice)
    with pytest.raises(ContractCustomError):
        functions.mint(alice, 1).call({"from": alice})


@pytest.mark.parametrize("symbol", ["USDC", "USDT", "WETH", "HYD"])
def test_give__any_token__arrives(chain: LocalChain, bob: ChecksumAddress, symbol: str) -> None:
    before = chain.balance(symbol, bob)
    give(chain, symbol, bob, units(symbol, 1_234_567))
    assert chain.balance(symbol, bob) - before == units(symbol, 1_234_567)


def test_give__ether__arrives(chain: LocalChain, bob: ChecksumAddress) -> None:
    before = chain.web3.eth.get_balance(bob)
    give(chain, "ETH", bob, 10**18)
    assert chain.web3.eth.get_balance(bob) == before + 10**18
