"""Tests of reads of one vault through a node that lacks blocks or fields."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from keepers.chain.addresses import Addresses
from keepers.chain.node import Node
from keepers.chain.pool.calls import call_of, explain_revert
from keepers.chain.pool.inclusion import find_spender
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc, RpcError
from keepers.chain.vault import snapshot as vault_chain
from keepers.chain.vault.events import read_action
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.model.chain import ContractCall, Fees, Head, Log, Receipt, Unsigned
from keepers.signing.local import LocalSigner
from tests.unit.chain.test_receipts import log as log_of

KEY = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d"
KEEPER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
PLACE = "0x00000000000000000000000000000000DeaDBeef"
HASH, OTHER = "0x" + "11" * 32, "0x" + "99" * 32
RAW = (
    LocalSigner.from_private_key(KEY, "KEY")
    .sign(
        Unsigned(
            chain_id=1,
            nonce=3,
            call=ContractCall(PLACE, "0xabcd"),
            gas_limit=100_000,
            fees=Fees(30, 2),
        )
    )
    .raw
)


class Scripted:
    """Node with an answer for each method; a function is called with the parameters."""

    shown_url = "http://node"

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers: dict[str, Any] = {"eth_chainId": "0x1", **answers}
        self.asked: list[tuple[Any, ...]] = []

    async def ask(self, method: str, *params: Any) -> Any:
        self.asked.append((method, *params))
        answer = self.answers[method]
        found = answer(*params) if callable(answer) else answer
        if isinstance(found, Exception):
            raise found
        return found


ADDRESSES = Addresses(
    vault=PLACE,
    controller=PLACE,
    portfolios=(PLACE, PLACE),
    oracle=PLACE,
    multicall3=PLACE,
    quoter=PLACE,
    tokens={},
)


def node_of(**answers: Any) -> tuple[Node, Scripted]:
    rpc = Scripted(answers)
    return Node(cast("Rpc", rpc), 1, PLACE, Reverts({})), rpc


def test_read_action__after_another_contracts_event__is_the_controllers() -> None:
    topics = tuple(log_of(PLACE)["topics"])
    receipt = Receipt(
        transaction_hash=HASH,
        block_number=1,
        block_hash=HASH,
        succeeded=True,
        gas_used=1,
        effective_gas_price=1,
        logs=(
            Log(OTHER[:42], topics, log_of(PLACE)["data"]),
            Log(PLACE, topics, log_of(PLACE)["data"]),
        ),
    )
    found = read_action(receipt, ADDRESSES.controller)
    assert found is not None
    assert (found.amount, found.received) == (1_000, 990)
    assert read_action(replace(receipt, logs=receipt.logs[:1]), ADDRESSES.controller) is None


def header(number: int, block_hash: str) -> dict[str, str]:
    return {"number": hex(number), "hash": block_hash, "timestamp": hex(1_900_000_000 + number)}


async def test_snapshot__same_block_again__is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    async def read_snapshot(*_: Any, head: Head, **__: Any) -> Any:
        read.append(head.block_hash)
        return SimpleNamespace(block_hash=head.block_hash)

    monkeypatch.setattr(vault_chain, "read_snapshot", read_snapshot)
    # A block, the same block, a block that replaces it, and the next block.
    blocks = iter([header(7, HASH), header(7, HASH), header(7, OTHER), header(8, HASH)])

    def newest(tag: str, _: bool) -> dict[str, str]:
        assert tag == "latest"
        return next(blocks)

    chain = VaultChain(node_of(eth_getBlockByNumber=newest)[0], ADDRESSES, "main", KEEPER)

    for _ in range(4):
        await chain.snapshot()

    assert read == [HASH, OTHER, HASH]


async def test_time_of__last_header__is_not_asked_for_again() -> None:
    def block(tag: str, _: bool) -> dict[str, str]:
        return header(int(tag, 16), HASH)

    node, rpc = node_of(eth_getBlockByNumber=block)
    first = await node.head(7)

    assert await node.time_of(7) == first.at
    assert (await node.time_of(8) - first.at).total_seconds() == 1
    asked = [params[0] for method, *params in rpc.asked if method == "eth_getBlockByNumber"]
    assert asked == ["0x7", "0x8"]


async def test_node__checked_by_who_asks__does_not_ask_for_the_chain() -> None:
    rpc = Scripted({"eth_blockNumber": "0x7"})
    node = Node(cast("Rpc", rpc), 1, PLACE, Reverts({}), is_checked=True)

    assert await node.quantity("eth_blockNumber") == 7
    assert rpc.asked == [("eth_blockNumber",)]


def test_call_of__signed_bytes__is_what_was_signed() -> None:
    assert call_of(RAW) == ContractCall(PLACE.lower(), "0xabcd")


async def test_revert_reason__repeats_the_stored_bytes() -> None:
    refusal = RpcError("eth_call", 3, "execution reverted: too little", None)
    node, rpc = node_of(eth_call=refusal)
    assert "too little" in await explain_revert(node, KEEPER, RAW, 8)
    request = {"from": KEEPER, "to": PLACE.lower(), "data": "0xabcd", "value": "0x0"}
    assert rpc.asked[-1] == ("eth_call", request, "0x7")


async def test_revert_reason__pruned_node__says_that_it_is_not_available() -> None:
    node, _ = node_of(eth_call=RpcError("eth_call", -32000, "missing trie node", None))
    reason = await explain_revert(node, KEEPER, RAW, 8)
    assert reason.startswith("reverted; reason not available: ")
    assert "missing trie node" in reason


def history(used_in: int, oldest: int = 0) -> dict[str, Any]:
    """Make a chain that uses nonce 3 in block `used_in`; states before `oldest` are pruned."""

    def count(_: str, tag: str) -> Any:
        if int(tag, 16) < oldest:
            return RpcError("eth_getTransactionCount", -32000, "missing trie node", None)
        return "0x4" if int(tag, 16) >= used_in else "0x3"

    def block(tag: str, _: bool) -> Any:
        ours = {"from": KEEPER.lower(), "nonce": "0x3", "hash": OTHER}
        strange = {"from": PLACE.lower(), "nonce": "0x3", "hash": HASH}
        return {"transactions": [strange, ours] if int(tag, 16) == used_in else [strange]}

    return {"eth_getTransactionCount": count, "eth_getBlockByNumber": block}


@pytest.mark.parametrize("used_in", [1, 2, 57, 99, 100])
async def test_spender__anywhere_in_the_past__is_found(used_in: int) -> None:
    node, rpc = node_of(**history(used_in))
    assert await find_spender(node, KEEPER, 3, 100) == OTHER
    assert len(rpc.asked) < 20


async def test_spender__state_is_forgotten__is_not_known() -> None:
    node, _ = node_of(**history(20, oldest=60))
    assert await find_spender(node, KEEPER, 3, 100) is None


async def test_market__reads__judge_prices_by_the_time_of_their_block() -> None:
    header = {"number": "0x7", "hash": HASH, "timestamp": "0x64"}
    node, rpc = node_of(eth_getBlockByNumber=header)
    market = VaultMarket(node, ADDRESSES)
    assert await market.room([], 7) == ()
    assert rpc.asked[-1] == ("eth_getBlockByNumber", "0x7", False)
