"""Tests of the table of nodes' error texts: each text has its kind and no other."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.chain.node_errors import SEND, Row, classify, kind_of, rows
from keepers.chain.rpc import RpcError
from keepers.model.chain import NodeErrorKind
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainUnreachableError,
    NodeRefusedError,
)
from tests.support.reactions import Reaction, reaction_to

pytestmark = pytest.mark.long

SERVER_ERROR = -32000
RETRIED = {Reaction.RESEND, Reaction.BUMP, Reaction.ADOPT}


def code_of(row: Row) -> int:
    return SERVER_ERROR if row.code is None else row.code


def name_of(row: Row) -> str:
    return f"{row.client}-{row.text[:30]}"


every_row = pytest.mark.parametrize("row", rows(), ids=name_of)
any_row = st.sampled_from(rows())


@every_row
def test_classify__the_clients_own_words__are_its_kind(row: Row) -> None:
    assert classify(SEND, code_of(row), row.text) == row.kind
    assert row.matches(SEND, code_of(row), row.text)


@every_row
def test_classify__other_case_and_space__are_the_same(row: Row) -> None:
    for text in (row.text.upper(), row.text.lower(), f" {row.text}\n", f"err: {row.text}"):
        assert classify(SEND, code_of(row), text) == row.kind


@every_row
def test_classify__words_of_a_contract__are_a_revert(row: Row) -> None:
    for text in (f"execution reverted: {row.text}", f"{row.text} (transaction reverted)"):
        assert classify(SEND, code_of(row), text) == NodeErrorKind.EXECUTION_REVERTED


@pytest.mark.parametrize("row", [row for row in rows() if row.pattern], ids=name_of)
def test_classify__words_within_other_words__are_unknown(row: Row) -> None:
    if row.kind != NodeErrorKind.EXECUTION_REVERTED:
        tail = row.text.rpartition(": ")[2]
        for text in (f"un{tail}", f"not {tail}", f"authority {tail}"):
            assert classify(SEND, code_of(row), text) == NodeErrorKind.UNKNOWN


@pytest.mark.parametrize("row", [row for row in rows() if row.send_only], ids=name_of)
def test_classify__answer_to_another_question__is_unknown(row: Row) -> None:
    assert classify("eth_call", code_of(row), row.text) == NodeErrorKind.UNKNOWN


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (SERVER_ERROR, "unknown transaction"),
        (SERVER_ERROR, "authority nonce too low"),
        (SERVER_ERROR, "OwnNonceAlreadyUsed"),
        (SERVER_ERROR, "internal error"),
        (SERVER_ERROR, "nonce too lowish"),
        (SERVER_ERROR, "block already known"),
        (-32603, "Internal error"),
        (-32005, "limit exceeded"),
        (-32001, "Payload does not exist / is not available"),
        (-32007, "Sender account not authorized to send transactions"),
        (SERVER_ERROR, ""),
        (0, "<html><body>502 Bad Gateway</body></html>"),
        # Two kinds at once are ambiguous.
        (SERVER_ERROR, "already known: insufficient funds"),
    ],
)
def test_classify__not_in_the_table__is_unknown_and_may_only_be_resent(
    code: int, text: str
) -> None:
    kind = classify(SEND, code, text)
    assert (kind, reaction_to(kind)) == (NodeErrorKind.UNKNOWN, Reaction.RESEND)


@given(st.text(), st.text(), st.sampled_from(["revert", "Reverted", "REVERT", "reverts"]), any_row)
def test_classify__any_text_with_revert__is_never_retried(
    before: str, after: str, word: str, row: Row
) -> None:
    for text in (before + word + after, row.text + before + word + after):
        assert reaction_to(classify(SEND, code_of(row), text)) not in RETRIED


@given(st.text(), st.integers(-(2**31), 2**31))
def test_classify__any_text__has_a_kind_with_a_reaction(text: str, code: int) -> None:
    assert reaction_to(classify(SEND, code, text)) in Reaction


@given(st.text(alphabet=st.characters(categories=["L", "N", "Zs"])))
def test_classify__words_alone__never_say_that_the_node_has_it(text: str) -> None:
    known = {row.text.lower() for row in rows()}
    if not any(text.strip().lower().startswith(each[:5]) for each in known):
        assert classify(SEND, SERVER_ERROR, text) == NodeErrorKind.UNKNOWN


def test_table__every_kind__has_a_row_but_unknown() -> None:
    assert {row.kind for row in rows()} == set(NodeErrorKind) - {NodeErrorKind.UNKNOWN}


def test_table__every_client_of_ours__has_the_rows_that_matter() -> None:
    clients = ("geth", "Nethermind", "Besu", "Reth", "anvil")
    needed = {
        NodeErrorKind.ALREADY_KNOWN,
        NodeErrorKind.NONCE_TOO_LOW,
        NodeErrorKind.REPLACEMENT_UNDERPRICED,
        NodeErrorKind.FEE_TOO_LOW,
        NodeErrorKind.INSUFFICIENT_FUNDS,
        NodeErrorKind.GAS_LIMIT,
    }
    for client in clients:
        assert needed <= {row.kind for row in rows() if row.client == client}, client


def test_reactions__of_errors_of_the_node__are_to_send_the_same_again() -> None:
    assert {reaction_to(kind) for kind in NodeErrorKind if kind.of_node} == {Reaction.RESEND}
    assert not NodeErrorKind.UNKNOWN.of_node


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RpcError(SEND, -32000, "already known", None), NodeErrorKind.ALREADY_KNOWN),
        (RpcError(SEND, -32000, "already known", b"\x01"), NodeErrorKind.EXECUTION_REVERTED),
        (RpcError(SEND, 3, "no", None), NodeErrorKind.EXECUTION_REVERTED),
        (NodeRefusedError(SEND, -32000, "nonce too low"), NodeErrorKind.NONCE_TOO_LOW),
        (CallRevertedError("Nope"), NodeErrorKind.EXECUTION_REVERTED),
        (ChainUnreachableError("http://n", "ClientResponseError 429"), NodeErrorKind.RATE_LIMITED),
        (ChainUnreachableError("http://n", "ClientResponseError 503"), NodeErrorKind.TRANSPORT),
        (ChainUnreachableError("http://n", "no answer in time"), NodeErrorKind.TRANSPORT),
        (BadAnswerError(SEND, "something that is not JSON-RPC"), NodeErrorKind.TRANSPORT),
        (ValueError("nonce too low"), NodeErrorKind.UNKNOWN),
    ],
)
def test_kind_of__error_of_a_request__is_read(error: Exception, kind: NodeErrorKind) -> None:
    assert kind_of(error) == kind
