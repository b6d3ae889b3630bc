"""Tests of KMS keys: they sign for their account with any form of the service's signatures."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ConnectTimeoutError
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from hypothesis import given

from keepers.model.chain import Unsigned
from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
    WrongSignerError,
)
from keepers.signing.curve import HALF, ORDER
from keepers.signing.kms import KmsKey
from keepers.signing.signer import DigestSigner
from tests.unit.signing.fake_kms import FakeKms, key_of
from tests.unit.signing.strategies import ADDRESS, KEY, TRANSACTION, few_examples, transactions


def signer_of(kms: FakeKms) -> DigestSigner:
    return DigestSigner(KmsKey(kms, "alias/keeper"))


@few_examples()
@given(transactions())
def test_sign__any_transaction__is_of_the_keys_account(transaction: Unsigned) -> None:
    signed = signer_of(FakeKms(key_of(KEY))).sign(transaction)
    assert signed.sender == ADDRESS


@pytest.mark.parametrize("high", [False, True])
def test_fault_53_sign__s_high_or_low__becomes_low(
    high: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    kms = FakeKms(key_of(KEY))
    signer, plain = signer_of(kms), kms.sign

    def sign(**request: Any) -> dict[str, Any]:
        r, s = decode_dss_signature(plain(**request)["Signature"])
        s = s if (s > HALF) == high else ORDER - s
        return {"Signature": encode_dss_signature(r, s)}

    monkeypatch.setattr(kms, "sign", sign)
    assert signer.sign(TRANSACTION).sender == ADDRESS


def test_fault_52_sign__signature_of_another_key__is_refused() -> None:
    kms = FakeKms(key_of(KEY))
    signer = signer_of(kms)
    kms.key = ec.generate_private_key(ec.SECP256K1())
    with pytest.raises(WrongSignerError) as raised:
        signer.sign(TRANSACTION)
    assert raised.value.expected == ADDRESS


@pytest.mark.parametrize(
    "signature",
    [b"", b"0\x06\x02\x01\x01", encode_dss_signature(0, 1), encode_dss_signature(1, ORDER), None],
)
def test_sign__no_signature__is_refused(signature: object) -> None:
    kms = FakeKms(key_of(KEY))
    signer = signer_of(kms)
    kms.changed = {"Signature": signature}
    with pytest.raises((BadSignatureError, WrongSignerError)):
        signer.sign(TRANSACTION)


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("AccessDeniedException", SignerRefusedError),
        ("DisabledException", SignerRefusedError),
        ("KMSInvalidStateException", SignerRefusedError),
        ("ThrottlingException", SignerUnreachableError),
        ("KMSInternalException", SignerUnreachableError),
        ("503", SignerUnreachableError),
    ],
)
def test_sign__service_says_no__keeps_its_text_to_itself(
    code: str, error: type[SigningError]
) -> None:
    kms = FakeKms(key_of(KEY))
    signer = signer_of(kms)
    kms.refuse(code)
    with pytest.raises(error, match=code) as raised:
        signer.sign(TRANSACTION)
    assert "arn:" not in str(raised.value)


def test_sign__no_connection__is_unreachable() -> None:
    kms = FakeKms(key_of(KEY))
    signer = signer_of(kms)
    kms.error = ConnectTimeoutError(endpoint_url="https://kms.example")
    with pytest.raises(SignerUnreachableError, match="ConnectTimeoutError"):
        signer.sign(TRANSACTION)


@pytest.mark.parametrize(
    "changed",
    [
        {"KeySpec": "ECC_NIST_P256"},
        {"KeyUsage": "KEY_AGREEMENT"},
        {"PublicKey": b"no DER"},
        {"PublicKey": None},
    ],
)
def test_key__of_another_kind__is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(KeyUnusableError, match="AWS KMS alias/keeper"):
        KmsKey(FakeKms(key_of(KEY), **changed), "alias/keeper")


def test_key__claims_the_curve_and_is_on_another__is_refused() -> None:
    with pytest.raises(KeyUnusableError, match="not on secp256k1"):
        KmsKey(FakeKms(ec.generate_private_key(ec.SECP256R1())), "alias/keeper")


def test_fault_54_sign__asked_twice__gives_two_valid_attempts_of_one_transaction() -> None:
    signer = signer_of(FakeKms(key_of(KEY)))
    first, second = signer.sign(TRANSACTION), signer.sign(TRANSACTION)
    assert first.transaction_hash != second.transaction_hash  # each signature has a new k
    assert first.sender == second.sender == ADDRESS
