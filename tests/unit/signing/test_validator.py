"""Validator of stored bytes: bytes leave it only as audited, even if the database was changed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.chain import ContractCall, Fees, Signed, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    SealError,
    SigningError,
    WrongSignerError,
)
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.local import LocalSigner
from keepers.signing.validator import StoredBytesValidator
from tests.unit.signing.strategies import ADDRESS, KEY, TRANSACTION, few_examples

STORED = LocalSigner.from_private_key(KEY, "KEY").sign(TRANSACTION)
VALIDATOR = StoredBytesValidator()
ANOTHER_KEY = "0x" + "11" * 32


class Opening:
    """Validator that decrypts encrypted payloads."""

    def __init__(self) -> None:
        self.asked: list[tuple[EncryptedPayload, Unsigned, str]] = []

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Record the call and return the decrypted bytes."""
        self.asked.append((sealed, audited, sender))
        return STORED


def test_open__as_it_was_signed__is_given() -> None:
    assert VALIDATOR.open(STORED, TRANSACTION, ADDRESS) == STORED


@few_examples()
@given(bit=st.integers(0, 4 * (len(STORED.raw) - 2) - 1))
def test_open__any_bit_of_the_bytes_altered__is_refused(bit: int) -> None:
    number = int(STORED.raw, 16) ^ (1 << bit)
    altered = replace(STORED, raw=f"0x{number:0{len(STORED.raw) - 2}x}")
    try:
        found = VALIDATOR.open(altered, TRANSACTION, ADDRESS)
    except SigningError:
        return
    assert found == STORED  # a wrong parity bit is corrected; the result equals the signed bytes


@pytest.mark.parametrize(
    "other",
    [
        replace(TRANSACTION, nonce=4),
        replace(TRANSACTION, chain_id=6),
        replace(TRANSACTION, value=8),
        replace(TRANSACTION, gas_limit=100_001),
        replace(TRANSACTION, fees=Fees(31, 2)),
        replace(TRANSACTION, fees=Fees(30, 3)),
        replace(TRANSACTION, call=ContractCall(TRANSACTION.call.target, "0xabce")),
        replace(TRANSACTION, call=ContractCall("0x" + "77" * 20, "0xabcd")),
        replace(TRANSACTION, access_list=(("0x" + "77" * 20, ()),)),
    ],
)
def test_open__another_transaction_of_the_same_key__is_refused(other: Unsigned) -> None:
    signed = LocalSigner.from_private_key(KEY, "KEY").sign(other)
    with pytest.raises(AlteredTransactionError):
        VALIDATOR.open(signed, TRANSACTION, ADDRESS)


def test_open__another_keys_signature__is_refused() -> None:
    signed = LocalSigner.from_private_key(ANOTHER_KEY, "KEY").sign(TRANSACTION)
    with pytest.raises(WrongSignerError):
        VALIDATOR.open(signed, TRANSACTION, ADDRESS)


@pytest.mark.parametrize("raw", ["", "0x", "0xzz", "0x02", "no bytes at all", STORED.raw[:-1]])
def test_open__no_signed_transaction__is_refused(raw: str) -> None:
    with pytest.raises(BadSignatureError):
        VALIDATOR.open(replace(STORED, raw=raw), TRANSACTION, ADDRESS)


def test_open__stored_hash_is_another__is_computed_anew() -> None:
    altered = replace(STORED, transaction_hash="0x" + "99" * 32)
    assert VALIDATOR.open(altered, TRANSACTION, ADDRESS) == STORED


def test_open__box_without_a_validator__is_refused() -> None:
    with pytest.raises(SealError, match="none is configured"):
        VALIDATOR.open(EncryptedPayload(b"digest", b"box"), TRANSACTION, ADDRESS)


def test_open__box__goes_to_the_validator() -> None:
    opening, box = Opening(), EncryptedPayload(b"digest", b"box")
    assert StoredBytesValidator(opening).open(box, TRANSACTION, ADDRESS) == STORED
    assert opening.asked == [(box, TRANSACTION, ADDRESS)]
