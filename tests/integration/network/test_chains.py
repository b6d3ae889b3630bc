"""The three chains: their ids, times, addresses and snapshots."""

import time
from collections.abc import Mapping

import pytest

from scripts.network import LocalChain, LocalNetwork, start_network
from scripts.network.errors import UnknownChainError
from scripts.network.pools import base_is_token0

IDS = {"ethereum-local": 1_000_001, "arbitrum-local": 1_042_161, "optimism-local": 1_000_010}


def test_chains__by_name__report_their_own_ids(network: LocalNetwork) -> None:
    assert {name: chain.web3.eth.chain_id for name, chain in network.chains.items()} == IDS
    assert {name: chain.chain_id for name, chain in network.chains.items()} == IDS


def test_chains__after_start__stand_at_the_present_time() -> None:
    with start_network(["arbitrum-local"]) as fresh:
        chain = fresh.chains["arbitrum-local"]
        updated_at = chain.feed("USDT").functions.latestRoundData().call()[3]
        # The build advances the clock by a second for each block, and loading adds a few.
        assert abs(chain.timestamp() - time.time()) < 60
        assert chain.timestamp() - updated_at < 60


def test_chains__blocks__have_safe_and_finalized_ones(chain: LocalChain) -> None:
    head = chain.web3.eth.block_number
    assert chain.web3.eth.get_block("safe").get("number") == head - 1
    assert chain.web3.eth.get_block("finalized").get("number") == head - 2


def test_chains__addresses__differ_between_chains_except_the_common_ones(
    network: LocalNetwork,
) -> None:
    known = [chain.addresses for chain in network.chains.values()]
    for symbol in known[0].tokens:
        assert len({addresses.tokens[symbol] for addresses in known}) == 3
    assert len({addresses.safe.proxy_factory for addresses in known}) == 1
    assert len({addresses.multicall3 for addresses in known}) == 1


@pytest.mark.parametrize("pair", ["WETH/USDT", "HYD/USDT", "USDC/USDT", "WETH/USDC"])
def test_chains__every_pair__sorts_both_ways_somewhere(network: LocalNetwork, pair: str) -> None:
    base, quote = pair.split("/")
    orders = {
        base_is_token0(chain.addresses.tokens[base], chain.addresses.tokens[quote])
        for chain in network.chains.values()
    }
    assert orders == {True, False}


def test_chains__multicall__answers_several_calls_in_one(chains: Mapping[str, LocalChain]) -> None:
    abi = [
        {
            "name": "aggregate",
            "type": "function",
            "stateMutability": "view",
            "inputs": [
                {
                    "name": "calls",
                    "type": "tuple[]",
                    "components": [
                        {"name": "target", "type": "address"},
                        {"name": "callData", "type": "bytes"},
                    ],
                }
            ],
            "outputs": [
                {"name": "blockNumber", "type": "uint256"},
                {"name": "returnData", "type": "bytes[]"},
            ],
        }
    ]
    for chain in chains.values():
        multicall = chain.web3.eth.contract(address=chain.addresses.multicall3, abi=abi)
        calls = [
            (token, chain.web3.keccak(text="decimals()")[:4])
            for token in chain.addresses.tokens.values()
        ]
        block, answers = multicall.functions.aggregate(calls).call()
        assert block == chain.web3.eth.block_number
        assert [int.from_bytes(answer) for answer in answers] == [6, 6, 18, 18]


def test_chain__snapshot_and_revert__undo_what_was_done(chain: LocalChain) -> None:
    before, snapshot = chain.web3.eth.block_number, chain.snapshot()
    chain.mine(3)
    chain.revert(snapshot)
    assert chain.web3.eth.block_number == before


def test_chain__revert_to_an_unknown_snapshot__says_so(chain: LocalChain) -> None:
    with pytest.raises(LookupError, match="ethereum-local has no snapshot 0xff"):
        chain.revert("0xff")


def test_start_network__unknown_chain__names_the_known_ones() -> None:
    with pytest.raises(UnknownChainError, match="ethereum-local"), start_network(["main"]):
        pass
