"""One node of three is broken in each possible way, and nothing stops (design, 10)."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio

from keepers.chain.pool import FailoverReader, Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.chain import ContractCall, NodeRole
from scripts.network.accounts import test_account
from tests.integration.support.bare import CHAIN_ID, BareChain, bare_chain
from tests.integration.support.faults import Result
from tests.integration.support.server import Answer, DropConnection, serving
from tests.integration.support.upstream import Ask, asking

ACCOUNT = test_account(1).address
REQUEST_SECONDS = 1.0
MEGABYTE = 2**20
OK = 200
STOP = threading.Event()
"""Releases held requests at the end of a test."""


@dataclass(frozen=True)
class Row:
    """A row of the isolation matrix.

    Attributes:
        row_id: Its id.
        broken: Description of the fault.
        answer: Response of the broken node, given that of a good one.
    """

    row_id: str
    broken: str
    answer: Callable[[Ask], Answer]


def _good(ask: Ask) -> Answer:
    """Return the response of a good node."""

    def answer(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del headers
        asked = json.loads(body)
        said = ask(asked["method"], asked.get("params", []))
        reply: dict[str, Any] = {"jsonrpc": "2.0", "id": asked["id"]}
        if isinstance(said, Result):
            return OK, json.dumps({**reply, "result": said.value}).encode()
        return OK, json.dumps({**reply, "error": {"code": -32000, "message": str(said)}}).encode()

    return answer


def _always(status: int, body: bytes) -> Callable[[Ask], Answer]:
    def answer(asked: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del asked, headers
        return status, body

    def whatever(ask: Ask) -> Answer:
        del ask
        return answer

    return whatever


def _silent(ask: Ask) -> Answer:
    del ask

    def answer(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del body, headers
        STOP.wait(60)
        raise DropConnection

    return answer


def _slow(ask: Ask) -> Answer:
    good = _good(ask)

    def answer(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        STOP.wait(REQUEST_SECONDS * 0.7)
        return good(body, headers)

    return answer


def _closing(ask: Ask) -> Answer:
    del ask

    def answer(body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        del body, headers
        raise DropConnection

    return answer


def _saying(result: object) -> Callable[[Ask], Answer]:
    """Return one result for all methods but the chain's id, so that the node is used at all."""

    def make(ask: Ask) -> Answer:
        def told(method: str, params: list[Any]) -> Any:
            return ask(method, params) if method == "eth_chainId" else Result(result)

        return _good(told)

    return make


def _stale(ask: Ask) -> Answer:
    """Return a node that stays at the first block."""

    def told(method: str, params: list[Any]) -> Any:
        first = ["0x0" if each in {"latest", "pending"} else each for each in params]
        return ask(method, first)

    return _good(told)


def _lying(ask: Ask) -> Answer:
    """Return a node with other blocks and other nonces."""

    def told(method: str, params: list[Any]) -> Any:
        said = ask(method, params)
        if method == "eth_getBlockByNumber" and isinstance(said, Result):
            return Result({**said.value, "hash": "0x" + "ab" * 32})
        return Result("0x63") if method == "eth_getTransactionCount" else said

    return _good(told)


def _of_another_chain(ask: Ask) -> Answer:
    def told(method: str, params: list[Any]) -> Any:
        return Result("0x1") if method == "eth_chainId" else ask(method, params)

    return _good(told)


ROWS = (
    Row("N-NODE-SILENT", "takes requests and never answers", _silent),
    Row("N-NODE-SLOW", "answers just within the time that it has", _slow),
    Row("N-NODE-CLOSES", "closes the connection", _closing),
    Row("N-NODE-REFUSES", "answers 403 to everything", _always(403, b"no")),
    Row("N-NODE-ERROR", "answers 500", _always(500, b"")),
    Row("N-NODE-RATE_LIMITED", "answers 429", _always(429, b"slow down")),
    Row("N-NODE-TOO_LARGE", "answers 413", _always(413, b"")),
    Row("N-NODE-NOTHING", "answers an empty body", _always(OK, b"")),
    Row("N-NODE-GARBAGE", "answers a page of HTML", _always(OK, b"<html>welcome</html>")),
    Row(
        "N-NODE-MEGABYTE", "answers a megabyte of text", _always(OK, b'"' + b"a" * MEGABYTE + b'"')
    ),
    Row("N-NODE-NESTED", "answers lists in lists", _always(OK, b"[" * 100_000)),
    Row("N-NODE-NULL", "answers null to everything", _saying(None)),
    Row("N-NODE-ZERO", "answers zero to everything", _saying("0x0")),
    Row("N-NODE-WORDS", "answers words for numbers", _saying("about ten")),
    Row("N-NODE-STALE", "sits on the first block", _stale),
    Row("N-NODE-LIES", "has other blocks and other nonces", _lying),
    Row("N-NODE-WRONG_CHAIN", "is of another chain", _of_another_chain),
)
"""All faults of one node of several. None of them stops anything: the others are a quorum."""


@pytest.fixture(scope="module")
def chain() -> Generator[BareChain]:
    """Chain behind the good nodes, with a few blocks."""
    with bare_chain() as made:
        made.rpc("anvil_mine", "0x14")
        yield made


@pytest.fixture(params=ROWS, ids=lambda row: row.row_id)
def broken(request: pytest.FixtureRequest) -> Row:
    """Row of the matrix."""
    return request.param


@pytest_asyncio.fixture
async def members(chain: BareChain, broken: Row) -> AsyncGenerator[Members]:
    """Three nodes of the chain, the first of them broken."""
    STOP.clear()
    async with AsyncExitStack() as stack:
        bad = stack.enter_context(serving(broken.answer(asking(chain.url))))
        nodes: list[tuple[Rpc, NodeRole]] = []
        for url in (bad, chain.url, chain.url.replace("127.0.0.1", "localhost")):
            rpc = Rpc(url, timeout=REQUEST_SECONDS)
            stack.push_async_callback(rpc.close)
            nodes.append((rpc, NodeRole.READER))
        yield Members(nodes, CHAIN_ID, PoolPolicy(quorum=None, request_seconds=REQUEST_SECONDS))
        STOP.set()


async def test_one_node_broken__head_nonce_fees_and_reads_go_on(
    members: Members, chain: BareChain
) -> None:
    pool = NodePool(members, Reverts({}))
    head = int(chain.rpc("eth_blockNumber"), 16)
    for view in (await pool.view(ACCOUNT), await pool.view(ACCOUNT)):
        assert (view.head.number, view.nonce) == (head, 0)
        assert view.balance == int(chain.rpc("eth_getBalance", ACCOUNT, "latest"), 16)
    assert (await pool.market()).base_fee > 0
    estimate = await pool.estimate(ACCOUNT, ContractCall(ACCOUNT, "0x"), 1)
    assert estimate.gas >= 21_000
    assert await pool.receipt("0x" + "11" * 32) is None
    assert await pool.block_hash(head) == (await pool.view(ACCOUNT)).head.block_hash


ONE_WORD = frozenset({"N-NODE-NULL", "N-NODE-ZERO", "N-NODE-WORDS", "N-NODE-LIES"})
"""Rows with wrong answers: a single read uses one node (docs/reference/nodes.md)."""


@pytest.mark.parametrize(
    "broken",
    [row for row in ROWS if row.row_id not in ONE_WORD],
    indirect=True,
    ids=lambda r: r.row_id,
)
async def test_one_node_broken__a_single_read_finds_another_node(
    members: Members, chain: BareChain
) -> None:
    block = await FailoverReader(members).ask("eth_getBlockByNumber", "0x5", False)
    assert block == chain.rpc("eth_getBlockByNumber", "0x5", False)
