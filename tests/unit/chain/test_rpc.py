"""Tests of answers and failures of a node's HTTP endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from aiohttp import ClientConnectionError
from eth_abi.abi import encode
from web3.types import RPCEndpoint

from keepers.chain.batch import ReadBatch
from keepers.chain.contracts.vault import LiquidityVault
from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc, RpcError
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainUnreachableError,
    NodeRefusedError,
    UnexplainedRevertError,
    WrongChainError,
)
from keepers.model.redaction import mask_url

MULTICALL3 = "0xcA11bde05977b3631167028862bE2a173976CA11"


def rpc_answering(monkeypatch: pytest.MonkeyPatch, answer: Callable[[str], Any]) -> Rpc:
    async def make_request(_: object, method: RPCEndpoint, params: object) -> Any:
        del params
        return answer(method)

    monkeypatch.setattr("web3.AsyncHTTPProvider.make_request", make_request)
    return Rpc("https://user:secret@node.example:8545/v3/key?token=1")


def node_of(rpc: Rpc, chain_id: int = 1) -> Node:
    return Node(rpc, chain_id, MULTICALL3, Reverts({}))


def raising(error: Exception) -> Callable[[str], Any]:
    def answer(method: str) -> Any:
        del method
        raise error

    return answer


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:8545", "http://127.0.0.1:8545"),
        ("https://node.example/v3/key", "https://node.example/***"),
        ("https://user:secret@node.example", "https://node.example/***"),
        ("https://node.example/?key=1", "https://node.example/***"),
        ("https://node.example:99999/", "https://node.example"),
    ],
)
def test_mask_url__any__hides_what_may_be_a_key(url: str, shown: str) -> None:
    assert mask_url(url) == shown


@pytest.mark.parametrize(
    "error",
    [TimeoutError(), ClientConnectionError("https://secret"), OSError("secret"), ValueError("x")],
)
async def test_ask__no_answer__is_unreachable_without_the_key(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    with pytest.raises(ChainUnreachableError) as raised:
        await rpc_answering(monkeypatch, raising(error)).ask("eth_chainId")
    assert "https://node.example:8545/***" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "key" not in str(raised.value)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ("0xabcd", b"\xab\xcd"),
        ("Reverted 0xabcd", b"\xab\xcd"),
        ({"data": "0xabcd"}, b"\xab\xcd"),
        ("0xzz", None),
        (None, None),
    ],
)
async def test_ask__revert__finds_the_data(
    monkeypatch: pytest.MonkeyPatch, data: object, expected: bytes | None
) -> None:
    answer = {"error": {"code": 3, "message": "execution reverted", "data": data}}
    with pytest.raises(RpcError) as raised:
        await rpc_answering(monkeypatch, lambda _: answer).ask("eth_call")
    assert raised.value.data == expected
    assert raised.value.is_revert


async def test_node__first_request__checks_the_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    rpc = rpc_answering(monkeypatch, lambda _: {"result": "0x5"})
    with pytest.raises(WrongChainError) as raised:
        await node_of(rpc).ask("eth_blockNumber")
    assert (raised.value.expected, raised.value.actual) == (1, 5)


async def test_node__refusal_and_revert__are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {
        "eth_chainId": {"result": "0x1"},
        "eth_call": {"error": {"code": -32000, "message": "execution reverted"}},
        "eth_sendRawTransaction": {"error": {"code": -32003, "message": "nonce too low"}},
        "eth_foo": {"error": "no such thing"},
    }
    node = node_of(rpc_answering(monkeypatch, lambda method: answers[method]))
    with pytest.raises(CallRevertedError):
        await node.ask("eth_call")
    with pytest.raises(NodeRefusedError, match="nonce too low"):
        await node.ask("eth_sendRawTransaction")
    with pytest.raises(NodeRefusedError, match="no such thing"):
        await node.ask("eth_foo")


async def test_head__unknown_block__is_the_nodes_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = {"eth_chainId": {"result": "0x1"}, "eth_getBlockByNumber": {"result": None}}
    node = node_of(rpc_answering(monkeypatch, lambda method: answers[method]))
    with pytest.raises(ChainUnreachableError, match="does not have block 0x7"):
        await node.head(7)


@pytest.mark.parametrize("answer", [[], None, 5, "x", {}, {"id": 1}, {"error": None}])
async def test_ask__not_json_rpc__is_a_bad_answer(
    monkeypatch: pytest.MonkeyPatch, answer: Any
) -> None:
    with pytest.raises(BadAnswerError, match="eth_chainId"):
        await rpc_answering(monkeypatch, lambda _: answer).ask("eth_chainId")


async def test_ask__nested_too_deep__is_a_bad_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadAnswerError, match="nested too deep"):
        await rpc_answering(monkeypatch, raising(RecursionError())).ask("eth_chainId")


@pytest.mark.parametrize("code", [None, "abc", [], {}])
async def test_ask__error_with_an_odd_code__is_an_error(
    monkeypatch: pytest.MonkeyPatch, code: object
) -> None:
    answer = {"error": {"code": code, "message": "no"}}
    with pytest.raises(RpcError) as raised:
        await rpc_answering(monkeypatch, lambda _: answer).ask("eth_chainId")
    assert (raised.value.code, raised.value.message) == (0, "no")


async def test_ask__null_error_beside_a_result__is_a_result(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answer = {"error": None, "result": "0x1"}
    assert await rpc_answering(monkeypatch, lambda _: answer).ask("eth_chainId") == "0x1"


@pytest.mark.parametrize(
    "result", [None, 5, [], {}, "", "0x", "1", "0xzz", "0x-1", "0x" + "f" * 65]
)
async def test_node__chain_id_of_another_form__is_a_bad_answer(
    monkeypatch: pytest.MonkeyPatch, result: object
) -> None:
    node = node_of(rpc_answering(monkeypatch, lambda _: {"result": result}))
    with pytest.raises(BadAnswerError, match="a number"):
        await node.ask("eth_blockNumber")


@pytest.mark.parametrize(
    "header",
    [
        5,
        [],
        {},
        {"number": "0x1", "hash": None},
        {"number": "0x1", "hash": "0x", "timestamp": "0x" + "f" * 60},
    ],
)
async def test_head__of_another_form__is_a_bad_answer(
    monkeypatch: pytest.MonkeyPatch, header: object
) -> None:
    answers = {"eth_chainId": {"result": "0x1"}, "eth_getBlockByNumber": {"result": header}}
    node = node_of(rpc_answering(monkeypatch, lambda method: answers[method]))
    with pytest.raises(BadAnswerError):
        await node.head()


@pytest.mark.parametrize("error", ["{}", {"code": 1, "message": "{}"}])
async def test_ask__error_with_our_url_in_it__is_shown_without_its_secrets_and_short(
    monkeypatch: pytest.MonkeyPatch, error: object
) -> None:
    url = "https://user:hunter2@node.example/v3/0123456789?token=a%20b&other=abcdefg"
    said = f"bad request {url} key 0123456789 abcdefg hunter2 " + "x" * 1_000
    filled = said if isinstance(error, str) else {"code": 1, "message": said}

    async def make_request(_: object, method: RPCEndpoint, params: object) -> Any:
        del method, params
        return {"error": filled}

    monkeypatch.setattr("web3.AsyncHTTPProvider.make_request", make_request)
    with pytest.raises(RpcError) as raised:
        await Rpc(url).ask("eth_chainId")
    shown = str(raised.value.refused())
    assert "bad request https://***:***@node.example/***?***" in shown
    assert not any(each in shown for each in ("hunter2", "0123456789", "token", "abcdefg"))
    assert len(shown) < 400


async def test_read__revert_without_a_reason__names_contract_and_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refusal = {"error": {"code": 3, "message": "execution reverted"}}
    answers = {"eth_chainId": {"result": "0x1"}, "eth_call": refusal}
    node = node_of(rpc_answering(monkeypatch, lambda method: answers[method]))
    with pytest.raises(UnexplainedRevertError, match=r"LiquidityVault\.asset at 0xcA11"):
        await node.read(LiquidityVault(MULTICALL3).asset(), 1)


async def test_batch__revert_without_a_reason__names_contract_and_function(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = encode(["(bool,bytes)[]"], [[(False, b"")]])
    answers = {"eth_chainId": {"result": "0x1"}, "eth_call": {"result": f"0x{data.hex()}"}}
    batch = ReadBatch(node_of(rpc_answering(monkeypatch, lambda method: answers[method])))
    slot = batch.add(LiquidityVault(MULTICALL3).asset())
    await batch.run(1)
    with pytest.raises(UnexplainedRevertError, match=r"LiquidityVault\.asset at 0xcA11"):
        _ = slot.value


async def test_batch__other_number_of_results__is_a_bad_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = encode(["(bool,bytes)[]"], [[]])
    answers = {"eth_chainId": {"result": "0x1"}, "eth_call": {"result": f"0x{data.hex()}"}}
    batch = ReadBatch(node_of(rpc_answering(monkeypatch, lambda method: answers[method])))
    batch.add(LiquidityVault(MULTICALL3).asset())
    with pytest.raises(BadAnswerError, match="0 results of 1 calls"):
        await batch.run(1)
