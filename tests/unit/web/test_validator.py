"""Validator service and its clients: only payloads that its own policy allows are decrypted."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.auditor import PolicyAuditor
from keepers.model.chain import Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    SignerRefusedError,
    SigningError,
    WrongSignerError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.https import Endpoint
from keepers.signing.local import LocalSigner
from keepers.signing.payload import digest_of
from keepers.signing.remote import RemoteSealingSigner
from keepers.signing.sealed import DecryptingValidator, SealingSigner
from keepers.signing.validator import RemoteValidator
from keepers.web.signer import SignerService
from keepers.web.tls import names_of
from keepers.web.validator import ValidatorService
from tests.unit.audit.cases import OTHER, POLICY, SENDER, TRANSACTION
from tests.unit.signing.strategies import KEY

LOCAL = LocalSigner.from_private_key(KEY, "KEY")
VALIDATOR = DecryptingValidator(b"\x07" * 32)
SEALING = SealingSigner(LOCAL, VALIDATOR.public_key)
SERVICE = ValidatorService(VALIDATOR, PolicyAuditor(POLICY))
SIGNER = SignerService(SEALING, PolicyAuditor(POLICY), seals=True)
BEYOND = replace(TRANSACTION, gas_limit=100_001)


@dataclass
class Reaching:
    """Endpoint that leads to a service, or to a fixed response."""

    service: Any = None
    answer: bytes = b""
    url: str = "https://host/open"
    shown_url: str = "https://host/***"

    def post(self, body: bytes) -> bytes:
        if self.service is None:
            return self.answer
        return self.service.answer("/open", body, "keeper").body


def validator(service: Any = SERVICE, answer: object = None) -> RemoteValidator:
    said = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return RemoteValidator(cast("Endpoint", Reaching(service, said)))


def signer(service: Any = SIGNER, answer: object = None) -> RemoteSealingSigner:
    said = json.dumps(answer).encode()
    return RemoteSealingSigner(cast("Endpoint", Reaching(service, said)), SENDER)


def test_sealed_flow__end_to_end__is_what_the_key_gives() -> None:
    sealed = signer().sign(TRANSACTION)
    assert sealed.digest == digest_of(TRANSACTION)
    assert validator().open(sealed, TRANSACTION, SENDER) == LOCAL.sign(TRANSACTION)


def test_fault_55_open__own_policy_refuses__stays_shut() -> None:
    with pytest.raises(SignerRefusedError, match="gas limit is 100001, above 100000"):
        validator().open(SEALING.sign(BEYOND), BEYOND, SENDER)
    with pytest.raises(SignerRefusedError, match="gas limit"):
        signer().sign(BEYOND)


@pytest.mark.parametrize(
    ("sealed", "audited", "sender", "problem"),
    [
        (SEALING.sign(BEYOND), TRANSACTION, SENDER, "not for the transaction"),
        (replace(SEALING.sign(BEYOND), digest=digest_of(TRANSACTION)), TRANSACTION, SENDER,
         "another key or transaction"),
        (EncryptedPayload(digest_of(TRANSACTION), b""), TRANSACTION, SENDER,
         "another key or transaction"),
        (SEALING.sign(TRANSACTION), TRANSACTION, OTHER, "sender is"),
    ],
)  # fmt: skip
def test_open__altered__stays_shut(
    sealed: EncryptedPayload, audited: Unsigned, sender: str, problem: str
) -> None:
    with pytest.raises(SignerRefusedError, match=problem):
        validator().open(sealed, audited, sender)


@given(st.data())
def test_open__one_bit_of_the_box_flipped__stays_shut(data: st.DataObject) -> None:
    sealed = SEALING.sign(TRANSACTION)
    box = bytearray(sealed.ciphertext)
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SignerRefusedError):
        validator().open(replace(sealed, ciphertext=bytes(box)), TRANSACTION, SENDER)


def test_fault_52_open__validator_gives_something_else__is_found_out() -> None:
    sealed = SEALING.sign(TRANSACTION)
    with pytest.raises(AlteredTransactionError):
        validator(None, {"raw": LOCAL.sign(BEYOND).raw}).open(sealed, TRANSACTION, SENDER)
    stranger = LocalSigner.from_private_key("0x" + "11" * 32, "KEY").sign(TRANSACTION)
    with pytest.raises(WrongSignerError):
        validator(None, {"raw": stranger.raw}).open(sealed, TRANSACTION, SENDER)


@pytest.mark.parametrize(
    "answer", [b"", b"[]", b"\xff", {}, {"raw": 5}, {"raw": "02"}, {"raw": "0xzz"}, {"hash": "0x"}]
)
def test_open__answer_of_another_form__is_refused(answer: object) -> None:
    with pytest.raises(BadSignatureError):
        validator(None, answer).open(SEALING.sign(TRANSACTION), TRANSACTION, SENDER)


def test_fault_52_sign_sealed__box_of_another_transaction__is_found_out() -> None:
    digest = f"0x{digest_of(BEYOND).hex()}"
    with pytest.raises(AlteredTransactionError, match="digest"):
        signer(None, {"result": {"digest": digest, "box": "0x00"}}).sign(TRANSACTION)


@pytest.mark.parametrize("result", [None, 5, "0x", {}, {"digest": "0x"}, {"box": "0x"}, []])
def test_sign_sealed__no_box__is_refused(result: object) -> None:
    with pytest.raises(SigningError):
        signer(None, {"result": result}).sign(TRANSACTION)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"null", b"{}", b"\xff", b"[" * 100_000, b'{"sealed": {}}']
)
def test_answer__no_request__is_refused(body: bytes) -> None:
    answer = SERVICE.answer("/open", body, "keeper")
    assert answer.status == 400
    assert json.loads(answer.body)["error"]["message"]


def test_answer__another_path__is_not_found() -> None:
    assert SERVICE.answer("/", b"{}", "keeper").status == 404


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_answer__any_member_replaced__is_refused(value: object) -> None:
    caught: list[bytes] = []

    class Keeping(Reaching):
        def post(self, body: bytes) -> bytes:
            caught.append(body)
            return super().post(body)

    client = RemoteValidator(cast("Endpoint", Keeping(SERVICE)))
    client.open(SEALING.sign(TRANSACTION), TRANSACTION, SENDER)
    request = json.loads(caught[0])
    for name in request:
        answer = SERVICE.answer("/open", json.dumps(request | {name: value}).encode(), "keeper")
        assert answer.status == 400


def test_names__of_a_verified_certificate__are_common_and_dns_names() -> None:
    certificate: dict[str, Any] = {
        "subject": ((("countryName", "CH"),), (("commonName", "keeper"),)),
        "subjectAltName": (("DNS", "keeper.example"), ("IP Address", "127.0.0.1")),
    }
    assert names_of(certificate) == {"keeper", "keeper.example"}
    assert names_of({}) == frozenset()
