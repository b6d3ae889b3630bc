"""Encrypted payloads: only the validator decrypts them, and only for the audited transaction."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    KeyUnusableError,
    SealError,
    WrongSignerError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import decode
from keepers.signing.curve import ORDER
from keepers.signing.local import LocalSigner
from keepers.signing.payload import digest_of, with_signature
from keepers.signing.sealed import PURPOSE, SUITE, DecryptingValidator, SealingSigner
from tests.unit.signing.strategies import ADDRESS, KEY, TRANSACTION, few_examples, transactions

SIGNER = LocalSigner.from_private_key(KEY, "KEY")
VALIDATOR = DecryptingValidator(b"\x07" * 32)
SEALING = SealingSigner(SIGNER, VALIDATOR.public_key)
OTHER = replace(TRANSACTION, nonce=4)


def boxed(content: bytes, digest: bytes) -> EncryptedPayload:
    """Return the payload of a hostile signer: any bytes, encrypted for any transaction."""
    key = X25519PrivateKey.from_private_bytes(b"\x07" * 32).public_key()
    return EncryptedPayload(digest, SUITE.encrypt(content, key, info=PURPOSE + digest))


@few_examples()
@given(transactions())
def test_open__what_was_audited__is_the_signed_transaction(transaction: Unsigned) -> None:
    opened = VALIDATOR.open(SEALING.sign(transaction), transaction, ADDRESS)
    assert opened == SIGNER.sign(transaction)


def test_sign__sealed__shows_nothing_of_the_signature() -> None:
    sealed = SEALING.sign(TRANSACTION)
    signature = bytes.fromhex(SIGNER.sign(TRANSACTION).raw[-128:])
    assert signature[:16] not in sealed.ciphertext
    assert sealed.ciphertext != SEALING.sign(TRANSACTION).ciphertext  # each payload has a new key
    assert SEALING.address == ADDRESS


def test_open__other_transaction_than_audited__stays_shut() -> None:
    with pytest.raises(SealError, match="not for the transaction that was audited"):
        VALIDATOR.open(SEALING.sign(OTHER), TRANSACTION, ADDRESS)


def test_open__label_of_the_audited_on_another_box__stays_shut() -> None:
    lying = replace(SEALING.sign(OTHER), digest=digest_of(TRANSACTION))
    with pytest.raises(SealError, match="another key or transaction"):
        VALIDATOR.open(lying, TRANSACTION, ADDRESS)


def test_open__other_transaction_inside__is_refused() -> None:
    raw = bytes.fromhex(SIGNER.sign(OTHER).raw[2:])
    with pytest.raises(AlteredTransactionError):
        VALIDATOR.open(boxed(raw, digest_of(TRANSACTION)), TRANSACTION, ADDRESS)


def test_open__other_account_inside__is_refused() -> None:
    other = LocalSigner.from_private_key("0x" + "11" * 32, "KEY")
    raw = bytes.fromhex(other.sign(TRANSACTION).raw[2:])
    with pytest.raises(WrongSignerError):
        VALIDATOR.open(boxed(raw, digest_of(TRANSACTION)), TRANSACTION, ADDRESS)


@pytest.mark.parametrize("mirror", [False, True])
def test_fault_53_open__high_s_or_wrong_parity_inside__is_written_as_chains_take_it(
    mirror: bool,
) -> None:
    plain = SIGNER.sign(TRANSACTION)
    found = decode(bytes.fromhex(plain.raw[2:]))
    s = ORDER - found.s if mirror else found.s
    raw = bytes(with_signature(TRANSACTION, parity=1 - found.parity, r=found.r, s=s))
    assert VALIDATOR.open(boxed(raw, digest_of(TRANSACTION)), TRANSACTION, ADDRESS) == plain


def test_open__other_validator__stays_shut() -> None:
    with pytest.raises(SealError):
        DecryptingValidator(b"\x08" * 32).open(SEALING.sign(TRANSACTION), TRANSACTION, ADDRESS)


@few_examples()
@given(st.data())
def test_open__damaged__stays_shut(data: st.DataObject) -> None:
    sealed = SEALING.sign(TRANSACTION)
    box = bytearray(sealed.ciphertext)
    bit = data.draw(st.integers(0, len(box) * 8 - 1))
    box[bit // 8] ^= 1 << bit % 8
    with pytest.raises(SealError):
        VALIDATOR.open(EncryptedPayload(sealed.digest, bytes(box)), TRANSACTION, ADDRESS)


@given(st.binary(max_size=200))
def test_open__any_bytes__stay_shut(box: bytes) -> None:
    with pytest.raises(SealError):
        VALIDATOR.open(EncryptedPayload(digest_of(TRANSACTION), box), TRANSACTION, ADDRESS)


@pytest.mark.parametrize("key", [b"", b"\x01" * 31, b"\x01" * 33])
def test_key__of_another_length__is_refused_without_showing_it(key: bytes) -> None:
    with pytest.raises(KeyUnusableError, match="32 bytes of X25519"):
        DecryptingValidator(key)
    with pytest.raises(KeyUnusableError, match="32 bytes of X25519"):
        SealingSigner(SIGNER, key)


def test_seal__to_a_weak_key__is_refused() -> None:
    with pytest.raises(KeyUnusableError):
        SealingSigner(SIGNER, bytes(32)).sign(TRANSACTION)
