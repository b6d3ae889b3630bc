"""Tests of remote signers: only the requested transaction is accepted, for any response."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SigningError,
)
from keepers.signing.https import Endpoint, Identity
from keepers.signing.local import LocalSigner
from keepers.signing.remote import RemoteSigner
from tests.unit.signing.strategies import ADDRESS, KEY, TRANSACTION, few_examples, transactions

LOCAL = LocalSigner.from_private_key(KEY, "KEY")
URL = "https://signer.example:9000/token-1234567"


@dataclass
class Answering:
    """Endpoint that responds without a network."""

    answer: bytes | None = None
    url: str = URL
    shown_url: str = "https://signer.example:9000/***"

    def post(self, body: bytes) -> bytes:
        if self.answer is not None:
            return self.answer
        (asked,) = json.loads(body)["params"]
        return json.dumps({"jsonrpc": "2.0", "id": 1, "result": signed(asked)}).encode()


def signed(asked: dict[str, Any]) -> str:
    """Return the response of an honest signer to the fields of a request."""
    return LOCAL.sign(
        Unsigned(
            chain_id=int(asked["chainId"], 16),
            nonce=int(asked["nonce"], 16),
            call=ContractCall(asked["to"], asked["data"]),
            gas_limit=int(asked["gas"], 16),
            fees=Fees(int(asked["maxFeePerGas"], 16), int(asked["maxPriorityFeePerGas"], 16)),
            value=int(asked["value"], 16),
            access_list=tuple(
                (each["address"], tuple(each["storageKeys"])) for each in asked["accessList"]
            ),
        )
    ).raw


def remote(answer: object = None) -> RemoteSigner:
    said = answer if isinstance(answer, bytes | None) else json.dumps(answer).encode()
    return RemoteSigner(cast("Endpoint", Answering(said)), ADDRESS)


@few_examples()
@given(transactions())
def test_sign__honest_signer__gives_what_a_local_key_gives(transaction: Unsigned) -> None:
    assert remote().sign(transaction) == LOCAL.sign(transaction)


def test_sign__answer_as_geth_gives_it__is_understood() -> None:
    raw = LOCAL.sign(TRANSACTION).raw
    assert remote({"result": {"raw": raw, "tx": {"hash": "0x00"}}}).sign(TRANSACTION).raw == raw


@pytest.mark.parametrize(
    "answer",
    [
        *(b"", b"<html>", b"[]", b"null", b"[" * 100_000, b"\xff"),
        *({}, {"result": None}, {"result": 5}, {"result": "0x0"}, {"result": {"tx": {}}}),
        *({"result": "0x"}, {"result": "0xzz"}, {"result": "02"}),
    ],
)
def test_sign__answer_of_another_form__is_refused(answer: object) -> None:
    with pytest.raises(BadSignatureError):
        remote(answer).sign(TRANSACTION)


@pytest.mark.parametrize("error", [{"code": -32000, "message": "denied"}, "denied", ["denied"]])
def test_sign__policy_says_no__says_so(error: object) -> None:
    with pytest.raises(SignerRefusedError, match="denied"):
        remote({"error": error}).sign(TRANSACTION)


def test_sign__refusal_repeats_our_token__is_masked() -> None:
    with pytest.raises(SignerRefusedError) as raised:
        remote({"error": {"message": f"no such path: {URL}"}}).sign(TRANSACTION)
    assert "token-1234567" not in str(raised.value)


@pytest.mark.long
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_sign__any_json__ends_in_a_typed_error(value: object) -> None:
    for answer in (value, {"result": value}, {"error": value, "result": value}):
        with pytest.raises(SigningError):
            remote(json.dumps(answer).encode()).sign(TRANSACTION)


def test_endpoint__plain_http_to_another_machine__is_refused() -> None:
    with pytest.raises(KeyUnusableError, match="needs https"):
        Endpoint(url="http://signer.example", seconds=1).check()
    Endpoint(url="http://127.0.0.1:9000", seconds=1).check()


def test_endpoint__shown__has_neither_token_nor_password() -> None:
    identity = Identity(certificate=Path("c.pem"), password="open sesame")
    shown = repr(Endpoint(url=URL, seconds=1, identity=identity))
    assert "token-1234567" not in shown
    assert "open sesame" not in shown


def test_endpoint__certificates_that_cannot_be_read__are_named(tmp_path: Any) -> None:
    missing, empty = tmp_path / "none.pem", tmp_path / "empty.pem"
    empty.write_text("")
    for authority in (missing, empty):
        with pytest.raises(KeyUnusableError, match=authority.name):
            Endpoint(url=URL, seconds=1, authority=authority).check()
    for certificate in (missing, empty):
        with pytest.raises(KeyUnusableError, match=certificate.name):
            Endpoint(url=URL, seconds=1, identity=Identity(certificate=certificate)).check()
