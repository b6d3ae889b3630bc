"""Tests of each fault against a real anvil, because the tests of the engine rely on them."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import requests

from keepers.chain.node_errors import kind_of
from keepers.chain.rpc import Rpc, RpcError
from keepers.model.chain import ContractCall, Fees, NodeErrorKind, Signed, Unsigned
from keepers.model.errors.chain import ChainUnreachableError
from keepers.signing.local import LocalSigner
from scripts.network.accounts import test_account
from scripts.network.session import direct_session
from tests.integration.support.bare import CHAIN_ID
from tests.integration.support.fault_proxy import FaultProxy
from tests.integration.support.faults import (
    ALREADY_KNOWN,
    NONCE_TOO_LOW,
    UNDERPRICED,
    Fault,
    Gate,
    answer,
    drop,
    drop_reply,
    error,
    in_turn,
    page,
    reply_with,
    result,
    with_fields,
)
from tests.integration.support.faulty_chain import FaultyChain, faulty_chain
from tests.integration.support.upstream import SEND, least_bump

GWEI = 10**9
SIGNER = LocalSigner(test_account(5))
USUAL = Unsigned(
    chain_id=CHAIN_ID,
    nonce=0,
    call=ContractCall("0x00000000000000000000000000000000DeaDBeef", "0x"),
    gas_limit=50_000,
    fees=Fees(100 * GWEI, GWEI),
)
RECEIPT = "eth_getTransactionReceipt"


def signed(**changed: int | Fees) -> Signed:
    return SIGNER.sign(replace(USUAL, **changed))


def post(proxy: FaultProxy, body: object) -> requests.Response:
    return direct_session().post(proxy.url, json=body, timeout=60)


def ask(proxy: FaultProxy, method: str, *params: object) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": 7, "method": method, "params": list(params)}
    said = post(proxy, request).json()
    assert said["id"] == 7
    return said


def value(proxy: FaultProxy, method: str, *params: object) -> Any:
    said = ask(proxy, method, *params)
    assert "error" not in said, said
    return said["result"]


@pytest.fixture(scope="module")
def shared() -> Generator[FaultyChain]:
    with faulty_chain(2) as running:
        yield running


@pytest.fixture
def chain(shared: FaultyChain) -> Generator[FaultyChain]:
    """Chain that mines only on request; it is reset afterwards."""
    before = shared.rpc("evm_snapshot")
    shared.rule.enabled = True
    for each in shared.proxies:
        each.heal()
        each.forget()
    yield shared
    shared.rpc("anvil_dropAllTransactions")
    shared.rpc("evm_revert", before)


@pytest.fixture
def proxy(chain: FaultyChain) -> FaultProxy:
    return chain.proxies[0]


def test_forward__no_rule__is_as_the_node_says(chain: FaultyChain, proxy: FaultProxy) -> None:
    assert value(proxy, "eth_chainId") == hex(CHAIN_ID)
    assert ask(proxy, "eth_nothing")["error"]["code"] == -32601
    assert value(proxy, SEND, signed().raw) == signed().transaction_hash
    assert chain.pool() == (signed().transaction_hash,)


def test_forward__batch__is_answered_in_one(proxy: FaultProxy) -> None:
    proxy.when("eth_blockNumber", result("0x63"))
    batch: list[dict[str, object]] = [
        {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId", "params": []},
        {"jsonrpc": "2.0", "id": 2, "method": "eth_blockNumber"},
    ]
    said = post(proxy, batch).json()
    assert [(one["id"], one["result"]) for one in said] == [(1, hex(CHAIN_ID)), (2, "0x63")]


def test_error__twice__then_the_node_answers(proxy: FaultProxy) -> None:
    rule = proxy.when("eth_chainId", error(-32005, "limit exceeded", {"wait": 1}), times=2)
    wanted = {"code": -32005, "message": "limit exceeded", "data": {"wait": 1}}
    assert [ask(proxy, "eth_chainId").get("error") for _ in range(3)] == [wanted, wanted, None]
    assert rule.used == 2
    assert [call.forwarded for call in proxy.calls] == [False, False, True]


def test_error__until_removed__stays(proxy: FaultProxy) -> None:
    rule = proxy.when("eth_chainId", answer(NONCE_TOO_LOW))
    assert all("error" in ask(proxy, "eth_chainId") for _ in range(5))
    proxy.remove(rule)
    assert value(proxy, "eth_chainId") == hex(CHAIN_ID)


def test_when__parameters_do_not_match__goes_by(proxy: FaultProxy) -> None:
    proxy.when("eth_getBlockByNumber", result(None), matching=lambda params: params[0] == "0x0")
    assert value(proxy, "eth_getBlockByNumber", "0x0", False) is None
    assert value(proxy, "eth_getBlockByNumber", "latest", False) is not None


def test_when__several_rules__are_used_up_in_order(proxy: FaultProxy) -> None:
    proxy.when("eth_gasPrice", result("0x1"), times=1)
    proxy.when("eth_gasPrice", in_turn([result("0x2"), result("0x3")]))
    assert [value(proxy, "eth_gasPrice") for _ in range(4)] == ["0x1", "0x2", "0x3", "0x3"]


@pytest.mark.parametrize("status", [429, 503, 408, 200])
def test_page__any_status__has_its_body(proxy: FaultProxy, status: int) -> None:
    proxy.when("eth_chainId", page(status, "<html>no</html>"))
    said = post(proxy, {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"})
    assert (said.status_code, said.text) == (status, "<html>no</html>")


def test_drop__send__never_reaches_the_node(chain: FaultyChain, proxy: FaultProxy) -> None:
    proxy.when(SEND, drop, times=1)
    with pytest.raises(requests.ConnectionError):
        ask(proxy, SEND, signed().raw)
    assert chain.pool() == ()
    assert proxy.sent == (signed().raw,)


def test_drop_reply__send__is_in_the_pool_all_the_same(
    chain: FaultyChain, proxy: FaultProxy
) -> None:
    proxy.when(SEND, drop_reply, times=1)
    with pytest.raises(requests.ConnectionError):
        ask(proxy, SEND, signed().raw)
    assert chain.pool() == (signed().transaction_hash,)
    assert ask(proxy, SEND, signed().raw)["error"]["message"] == "transaction already imported"
    assert [call.forwarded for call in proxy.calls] == [True, True]


def test_reply_with__send__is_done_and_called_known(chain: FaultyChain, proxy: FaultProxy) -> None:
    proxy.when(SEND, reply_with(ALREADY_KNOWN))
    assert ask(proxy, SEND, signed().raw)["error"]["message"] == "already known"
    assert chain.pool() == (signed().transaction_hash,)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (drop, NodeErrorKind.TRANSPORT),
        (drop_reply, NodeErrorKind.TRANSPORT),
        (page(429), NodeErrorKind.RATE_LIMITED),
        (page(200), NodeErrorKind.TRANSPORT),
        (answer(NONCE_TOO_LOW), NodeErrorKind.NONCE_TOO_LOW),
    ],
)
def test_fault__seen_by_the_keepers_client__is_what_it_should_be_and_asked_once(
    proxy: FaultProxy, fault: Fault, kind: NodeErrorKind
) -> None:
    async def send() -> Exception:
        rpc = Rpc(proxy.url)
        with pytest.raises((RpcError, ChainUnreachableError)) as raised:
            await rpc.ask(SEND, signed().raw)
        await rpc.close()
        return raised.value

    proxy.when(SEND, fault)
    assert kind_of(asyncio.run(send())) == kind
    assert proxy.asked(SEND) == 1


def test_gate__held_send__reaches_the_node_when_released(
    chain: FaultyChain, proxy: FaultProxy
) -> None:
    gate = Gate()
    proxy.when(SEND, gate)
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(value, proxy, SEND, signed().raw)
        gate.wait_until_held()
        assert chain.pool() == ()
        assert not sending.done()
        assert proxy.calls[0].outcome is None
        gate.release()
        assert sending.result() == signed().transaction_hash
    assert chain.pool() == (signed().transaction_hash,)


def test_gate__with_a_fault__does_it_afterwards(proxy: FaultProxy) -> None:
    gate = Gate(then=result("0x1"))
    proxy.when("eth_chainId", gate)
    gate.release()
    assert value(proxy, "eth_chainId") == "0x1"


def test_with_fields__receipt__is_of_another_block(chain: FaultyChain, proxy: FaultProxy) -> None:
    chain.submit(signed().raw)
    proxy.when(RECEIPT, with_fields(blockHash="0x" + "11" * 32))
    assert value(proxy, RECEIPT, signed().transaction_hash) is None
    chain.mine()
    receipt = value(proxy, RECEIPT, signed().transaction_hash)
    assert receipt["blockHash"] == "0x" + "11" * 32
    assert int(receipt["blockNumber"], 16) == chain.head


def test_wait_for__request_of_another_thread__is_seen_with_its_answer(proxy: FaultProxy) -> None:
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(proxy.wait_until_asked, "eth_gasPrice", 2)
        for _ in range(2):
            ask(proxy, "eth_gasPrice")
        waiting.result()
    assert proxy.asked("eth_gasPrice") == 2
    numbers = [call.number for call in proxy.calls]
    assert numbers == sorted(set(numbers))


def test_wait_for__never_happens__fails_and_shows_the_calls(proxy: FaultProxy) -> None:
    ask(proxy, "eth_gasPrice")
    with pytest.raises(AssertionError, match="eth_gasPrice"):
        proxy.wait_for(lambda calls: len(calls) > 1, timeout=0.01)


def test_fault__fails_itself__fails_the_test() -> None:
    def careless(_: object) -> Any:
        raise KeyError("a mistake of the test")

    def use() -> None:
        with faulty_chain() as own:
            own.proxies[0].when("eth_chainId", careless)
            with pytest.raises(requests.ConnectionError):
                ask(own.proxies[0], "eth_chainId")

    with pytest.raises(AssertionError, match="a mistake of the test"):
        use()


FIRST = Fees(100 * GWEI + 1, GWEI + 1)
LEAST = Fees(110 * GWEI + 2, 11 * GWEI // 10 + 2)
"""10 % above numbers that end in 1, rounded up."""


@pytest.mark.parametrize(
    ("fees", "accepted"),
    [
        (Fees(FIRST.maximum + 1, FIRST.priority + 1), False),
        (Fees(LEAST.maximum - 1, LEAST.priority), False),
        (Fees(LEAST.maximum, LEAST.priority - 1), False),
        (Fees(2 * FIRST.maximum, FIRST.priority), False),
        (LEAST, True),
        (FIRST, True),
    ],
)
def test_replacement__below_ten_percent_in_either_fee__is_underpriced(
    chain: FaultyChain, proxy: FaultProxy, fees: Fees, accepted: bool
) -> None:
    value(proxy, SEND, signed(fees=FIRST).raw)
    second = signed(fees=fees)
    said = ask(chain.proxies[1], SEND, second.raw)
    if fees == FIRST:
        assert said["error"]["message"] == "transaction already imported"
    elif accepted:
        assert said["result"] == second.transaction_hash
    else:
        assert said["error"] == {"code": UNDERPRICED.code, "message": UNDERPRICED.message}
        as_read = RpcError(SEND, UNDERPRICED.code, UNDERPRICED.message, None)
        assert kind_of(as_read) == NodeErrorKind.REPLACEMENT_UNDERPRICED
    left = second if accepted else signed(fees=FIRST)
    assert chain.pool() == (left.transaction_hash,)


def test_least_bump__is_rounded_up() -> None:
    assert (least_bump(FIRST.maximum), least_bump(FIRST.priority)) == (
        LEAST.maximum,
        LEAST.priority,
    )
    assert least_bump(10) == 11


def test_replacement__rule_turned_off__is_anvils(chain: FaultyChain, proxy: FaultProxy) -> None:
    chain.rule.enabled = False
    value(proxy, SEND, signed().raw)
    dearer = signed(fees=Fees(100 * GWEI + 1, GWEI + 1))
    assert value(proxy, SEND, dearer.raw) == dearer.transaction_hash


def test_replacement__of_a_queued_transaction__is_held_to_it_too(proxy: FaultProxy) -> None:
    value(proxy, SEND, signed(nonce=5).raw)
    dearer = signed(nonce=5, fees=Fees(109 * GWEI, 2 * GWEI))
    assert ask(proxy, SEND, dearer.raw)["error"]["message"] == UNDERPRICED.message


def test_replacement__dropped_first__is_none(chain: FaultyChain, proxy: FaultProxy) -> None:
    value(proxy, SEND, signed().raw)
    chain.drop(signed().transaction_hash)
    other = signed(value=1)
    assert value(proxy, SEND, other.raw) == other.transaction_hash


def test_replacement__included_first__is_too_late(chain: FaultyChain, proxy: FaultProxy) -> None:
    value(proxy, SEND, signed().raw)
    chain.mine()
    assert "nonce too low" in ask(proxy, SEND, signed(value=1).raw)["error"]["message"]


def test_send__no_transaction__is_for_the_node_to_refuse(proxy: FaultProxy) -> None:
    assert ask(proxy, SEND, "0x02c0")["error"]["message"] != UNDERPRICED.message


def test_lag_at__old_block__knows_nothing_newer(chain: FaultyChain, proxy: FaultProxy) -> None:
    start = chain.head
    chain.mine(3)
    chain.submit(signed().raw)
    chain.mine()
    old = hex(start + 3)
    proxy.lag_at(start + 3)
    account = SIGNER.address
    assert value(proxy, "eth_blockNumber") == old
    assert value(proxy, "eth_getBlockByNumber", "latest", False)["number"] == old
    assert value(proxy, "eth_getBlockByNumber", "finalized", False)["number"] == hex(start + 1)
    assert value(proxy, "eth_getBlockByNumber", hex(start + 4), False) is None
    newest = chain.rpc("eth_getBlockByNumber", "latest", False)["hash"]
    assert value(proxy, "eth_getBlockByHash", newest, False) is None
    assert value(proxy, "eth_getTransactionCount", account, "latest") == "0x0"
    assert ask(proxy, "eth_getBalance", account, hex(start + 4))["error"]["code"] == -32000
    assert value(proxy, RECEIPT, signed().transaction_hash) is None
    assert value(proxy, "eth_getTransactionByHash", signed().transaction_hash) is None
    other = chain.proxies[1]
    assert value(other, RECEIPT, signed().transaction_hash)["status"] == "0x1"
    assert value(other, "eth_getTransactionCount", account, "latest") == "0x1"
    proxy.heal()
    assert value(proxy, "eth_blockNumber") == hex(start + 4)
    assert value(proxy, "eth_getTransactionCount", account, "latest") == "0x1"


def test_lag_at__what_it_knows__is_still_told(chain: FaultyChain, proxy: FaultProxy) -> None:
    chain.submit(signed().raw)
    chain.mine(2)
    proxy.lag_at(chain.head - 1)
    assert value(proxy, RECEIPT, signed().transaction_hash)["status"] == "0x1"
    assert value(proxy, "eth_getTransactionCount", SIGNER.address) == "0x1"
