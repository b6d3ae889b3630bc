"""Tests of anvil's rows in the table of node errors: each is provoked, and none is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from dataclasses import replace

import pytest
from eth_account import Account

from keepers.chain.node_errors import SEND, kind_of, rows
from keepers.chain.rpc import Rpc, RpcError
from keepers.model.chain import ContractCall, Fees, NodeErrorKind, Unsigned
from keepers.model.errors.chain import ChainUnreachableError
from keepers.signing.local import LocalSigner
from scripts.network.accounts import test_account
from tests.integration.support.bare import CHAIN_ID, BareChain, bare_chain
from tests.integration.support.server import always, serving

GWEI = 10**9
PAGE = b"<html>already known</html>"
TARGET = "0x00000000000000000000000000000000DeaDBeef"
REVERTING = "0x60006000fd"  # PUSH1 0 PUSH1 0 REVERT
SENDER = LocalSigner(test_account(5))
POOR = LocalSigner(Account.from_key("0x" + "11" * 32))
USUAL = Unsigned(
    chain_id=CHAIN_ID,
    nonce=1,
    call=ContractCall(TARGET, "0x"),
    gas_limit=50_000,
    fees=Fees(100 * GWEI, GWEI),
)


@pytest.fixture(scope="module")
def waiting() -> Generator[BareChain]:
    """Chain where nonce 0 is included, nonce 1 is pending, and nothing more is mined by itself."""
    with bare_chain() as chain:
        chain.rpc("anvil_setCode", TARGET, REVERTING)
        chain.rpc("evm_setAutomine", False)
        chain.rpc(SEND, sent(nonce=0))
        chain.mine()
        chain.rpc(SEND, sent())
        yield chain


def sent(signer: LocalSigner = SENDER, **changed: int | Fees) -> str:
    return signer.sign(replace(USUAL, **changed)).raw


PROVOKED: list[tuple[NodeErrorKind, str, list[object]]] = [
    (NodeErrorKind.ALREADY_KNOWN, SEND, [sent()]),
    (NodeErrorKind.NONCE_TOO_LOW, SEND, [sent(nonce=0, value=1)]),
    (NodeErrorKind.REPLACEMENT_UNDERPRICED, SEND, [sent(value=1)]),
    (NodeErrorKind.FEE_TOO_LOW, SEND, [sent(nonce=2, fees=Fees(1, 1))]),
    (NodeErrorKind.INSUFFICIENT_FUNDS, SEND, [sent(POOR, nonce=0)]),
    (NodeErrorKind.GAS_LIMIT, SEND, [sent(nonce=2, gas_limit=20_000)]),
    (NodeErrorKind.GAS_LIMIT, SEND, [sent(nonce=2, gas_limit=10**9)]),
    (NodeErrorKind.INVALID, SEND, [sent(nonce=2, chain_id=1)]),
    (NodeErrorKind.INVALID, SEND, [sent(nonce=2, fees=Fees(10 * GWEI, 11 * GWEI))]),
    (NodeErrorKind.INVALID, SEND, ["0x02c0"]),
    (NodeErrorKind.EXECUTION_REVERTED, "eth_call", [{"to": TARGET}, "latest"]),
    (NodeErrorKind.NODE_BEHIND, "eth_getBalance", [TARGET, hex(1000)]),
]


def error_of(url: str, method: str, params: list[object]) -> Exception:
    async def ask() -> Exception:
        rpc = Rpc(url)
        try:
            answer = await rpc.ask(method, *params)
        except (RpcError, ChainUnreachableError) as error:
            return error
        finally:
            await rpc.close()
        raise AssertionError(f"{method} was answered with {answer}")

    return asyncio.run(ask())


@pytest.mark.parametrize(("kind", "method", "params"), PROVOKED)
def test_kind_of__anvils_error__is_what_was_provoked(
    waiting: BareChain, kind: NodeErrorKind, method: str, params: list[object]
) -> None:
    assert kind_of(error_of(waiting.url, method, params)) == kind


def test_table__anvils_rows__are_word_for_word_what_it_says(waiting: BareChain) -> None:
    errors = [error_of(waiting.url, method, params) for _, method, params in PROVOKED]
    said = {error.message for error in errors if isinstance(error, RpcError)}
    assert said == {row.text for row in rows() if row.client == "anvil"}


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (429, NodeErrorKind.RATE_LIMITED),
        (402, NodeErrorKind.RATE_LIMITED),
        (503, NodeErrorKind.TRANSPORT),
        (408, NodeErrorKind.TRANSPORT),
    ],
)
def test_kind_of__http_status_of_a_provider__is_read(status: int, kind: NodeErrorKind) -> None:
    with serving(always(status, PAGE)) as url:
        assert kind_of(error_of(url, SEND, ["0x"])) == kind


def test_kind_of__page_instead_of_json__is_transport() -> None:
    with serving(always(200, PAGE)) as url:
        assert kind_of(error_of(url, SEND, ["0x"])) == NodeErrorKind.TRANSPORT
