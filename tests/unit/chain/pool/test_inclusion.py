"""Tests of receipts: one counts if a quorum returns it and its block is in the chain."""

from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from keepers.model.chain import Log
from keepers.model.chain_view import MadeCall
from keepers.model.errors.chain import NoQuorumError
from tests.unit.chain.pool.scripted import (
    ACCOUNT,
    HEIGHT,
    Chain,
    ScriptedNode,
    honest,
    pool_of,
)

HASH, OTHER = "0x" + "11" * 32, "0x" + "22" * 32
TOKEN = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
RECEIPT, TRANSACTION = "eth_getTransactionReceipt", "eth_getTransactionByHash"
BLOCK = 90


def receipt(chain: Chain, **changed: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "transactionHash": HASH,
        "blockNumber": hex(BLOCK),
        "blockHash": chain.hash(BLOCK),
        "status": "0x1",
        "gasUsed": "0x5208",
        "effectiveGasPrice": "0x9",
        "logs": [{"address": TOKEN.lower(), "topics": [OTHER.upper().replace("X", "x")],
                  "data": "0xABCD"}],
    }  # fmt: skip
    return usual | changed


def with_receipts(*changes: dict[str, Any] | None) -> list[ScriptedNode]:
    """Make one node for each change of the usual receipt; None is a node without a receipt."""
    nodes = honest(len(changes))
    for node, change in zip(nodes, changes, strict=True):
        node.says[RECEIPT] = None if change is None else receipt(node.chain, **change)
    return nodes


async def test_receipt__all_agree__is_given_with_its_logs() -> None:
    found = await pool_of(with_receipts({}, {}, {})).receipt(HASH)
    assert found is not None
    assert (found.succeeded, found.block_number, found.effective_gas_price) == (True, BLOCK, 9)
    assert found.logs == (Log(TOKEN, (OTHER,), "0xabcd"),)


async def test_receipt__one_node_does_not_have_it_yet__a_quorum_does() -> None:
    assert await pool_of(with_receipts(None, {}, {})).receipt(HASH) is not None


async def test_receipt__of_two_nodes_one_has_it__counts() -> None:
    assert await pool_of(with_receipts(None, {})).receipt(HASH) is not None


async def test_receipt__only_one_of_three_has_it__is_none_without_a_warning() -> None:
    with capture_logs() as logs:
        assert await pool_of(with_receipts({}, None, None)).receipt(HASH) is None
    assert logs == []


@pytest.mark.parametrize(
    "change",
    [{"status": "0x0"}, {"blockHash": OTHER}, {"gasUsed": "0x1"}, {"logs": []}],
    ids=str,
)
async def test_receipt__nodes_disagree__is_none_with_a_warning(change: dict[str, Any]) -> None:
    with capture_logs() as logs:
        assert await pool_of(with_receipts({}, change)).receipt(HASH) is None
    assert [(each["event"], each["log_level"]) for each in logs] == [
        ("receipt does not count", "warning")
    ]


async def test_receipt__a_liar_of_three__is_outvoted() -> None:
    found = await pool_of(with_receipts({"status": "0x0"}, {}, {})).receipt(HASH)
    assert found is not None
    assert found.succeeded


async def test_receipt__block_is_not_in_the_chain__does_not_count() -> None:
    stale = {"blockHash": OTHER}
    with capture_logs() as logs:
        assert await pool_of(with_receipts(stale, stale, stale)).receipt(HASH) is None
    assert OTHER in logs[0]["reason"]


async def test_receipt__of_another_transaction__is_no_answer() -> None:
    with pytest.raises(NoQuorumError, match="the receipt of another transaction"):
        await pool_of(
            with_receipts({"transactionHash": OTHER}, {"transactionHash": OTHER})
        ).receipt(HASH)


async def test_receipt__without_a_price__takes_the_transactions_and_still_agrees() -> None:
    nodes = with_receipts({"effectiveGasPrice": None}, {"effectiveGasPrice": None}, {})
    for node in nodes:
        node.says[TRANSACTION] = {"maxFeePerGas": "0xc"}
    found = await pool_of(nodes).receipt(HASH)
    assert found is not None
    assert found.effective_gas_price == 12


async def test_receipt__too_few_answer__is_an_error_and_not_none() -> None:
    nodes = with_receipts({}, {}, {})
    nodes[0].down = nodes[1].down = True
    with pytest.raises(NoQuorumError):
        await pool_of(nodes).receipt(HASH)


async def test_knows__one_node_has_it__is_known() -> None:
    nodes = honest(3)
    for node in nodes:
        node.says[TRANSACTION] = None
    assert not await pool_of(nodes).knows(HASH)
    nodes[2].says[TRANSACTION] = {"hash": HASH}
    assert await pool_of(nodes).knows(HASH)
    nodes[0].down = nodes[1].down = True
    assert await pool_of(nodes).knows(HASH)
    nodes[2].says[TRANSACTION] = None
    with pytest.raises(NoQuorumError):
        await pool_of(nodes).knows(HASH)


def spending(nonce: str, block: int | None) -> dict[str, Any]:
    return {
        "hash": HASH,
        "from": ACCOUNT.lower(),
        "nonce": nonce,
        "blockNumber": None if block is None else hex(block),
    }


def with_spender(count: int) -> list[ScriptedNode]:
    """Make nodes on whose chain nonce 4 was used in block 50."""
    nodes = honest(count)
    for node in nodes:
        usual = node.block

        def block(tag: str, full: bool, usual: Any = usual) -> Any:
            return usual(tag, full) | {"transactions": [spending("0x4", 50)] if full else [HASH]}

        node.says |= {"eth_getBlockByNumber": block, TRANSACTION: spending("0x4", 50)}
    return nodes


async def test_spender__found_and_confirmed__is_its_hash() -> None:
    assert await pool_of(with_spender(3)).spender(ACCOUNT, 4, HEIGHT) == HASH


@pytest.mark.parametrize(
    "confirmed", [None, spending("0x3", 50), spending("0x4", None), spending("0x4", HEIGHT + 1)]
)
async def test_spender__quorum_does_not_confirm_it__is_not_known(confirmed: Any) -> None:
    nodes = with_spender(3)
    nodes[1].says[TRANSACTION] = nodes[2].says[TRANSACTION] = confirmed
    assert await pool_of(nodes).spender(ACCOUNT, 4, HEIGHT) is None


async def test_call_of__one_of_three_nodes_lies__is_what_the_others_say() -> None:
    nodes = honest(3)
    for node, data in zip(nodes, ("0xbad0", "0xAB", "0xab"), strict=True):
        node.says[TRANSACTION] = {"to": TOKEN, "input": data, "value": "0x1"}
    found = await pool_of(nodes).call_of(HASH)
    assert found == MadeCall(TOKEN.lower(), "0xab", 1)


async def test_call_of__nodes_do_not_agree__is_not_known() -> None:
    nodes = honest(2)
    for node, data in zip(nodes, ("0xbad0", "0xab"), strict=True):
        node.says[TRANSACTION] = {"to": TOKEN, "input": data, "value": "0x1"}
    assert await pool_of(nodes).call_of(HASH) is None
