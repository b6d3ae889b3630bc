"""Tests of CCTP V2 messages: decoding, encoding, and detection of every changed byte."""

from __future__ import annotations

import pytest
from eth_account import Account
from eth_utils.crypto import keccak
from hypothesis import given
from hypothesis import strategies as st

from keepers.bridges.cctp.message import (
    HEADER_BYTES,
    SHORTEST,
    decode_message,
    require_attested,
    require_same,
    signers_of,
)
from keepers.model.errors.transfers import ForgedMessageError
from scripts.network.bridging.attestation import AttestationService
from tests.support.bridging import HASH, terms
from tests.support.burning import burn_of, message_of

KEYS = [Account.from_key(keccak(text=f"attester {each}")) for each in range(2)]
ADDRESSES = frozenset(each.address for each in KEYS)
FAST = message_of(burn_of(terms(), max_fee=50_000, threshold=1000))


def attested(**filled: int) -> tuple[bytes, bytes]:
    service = AttestationService(KEYS)
    service.observe(0, HASH, [FAST])
    message = service.attest(HASH, **{"fee": 10_000, "finality": 1000} | filled)
    return message, service.sign(message)


def test_layout__has_the_documented_lengths() -> None:
    assert (HEADER_BYTES, SHORTEST) == (148, 376)
    assert len(FAST) == 408


@given(st.binary(min_size=376, max_size=440))
def test_message__round_trip(data: bytes) -> None:
    versioned = b"\0\0\0\1" + data[4:148] + b"\0\0\0\1" + data[152:]
    assert decode_message(versioned).encoded() == versioned


@given(st.binary(max_size=375))
def test_message__too_short_is_refused(data: bytes) -> None:
    with pytest.raises(ForgedMessageError, match="length"):
        decode_message(data)


@pytest.mark.parametrize("place", [3, 151])
def test_message__of_another_version_is_refused(place: int) -> None:
    other = bytearray(FAST)
    other[place] = 0
    with pytest.raises(ForgedMessageError, match="version"):
        decode_message(bytes(other))


def believe(message: bytes, attestation: bytes) -> None:
    require_same(decode_message(FAST), decode_message(message))
    require_attested(message, attestation, ADDRESSES)


def test_believe__what_the_attester_signed() -> None:
    believe(*attested())


@given(st.integers(0, 407), st.integers(1, 255))
def test_believe__any_changed_byte_of_the_message_is_found_out(place: int, change: int) -> None:
    message, attestation = attested()
    changed = bytearray(message)
    changed[place] ^= change
    with pytest.raises(ForgedMessageError):
        believe(bytes(changed), attestation)


@given(st.integers(0, 129), st.integers(1, 255))
def test_believe__any_changed_byte_of_the_attestation_is_found_out(place: int, change: int) -> None:
    message, attestation = attested()
    changed = bytearray(attestation)
    changed[place] ^= change
    with pytest.raises(ForgedMessageError):
        believe(message, bytes(changed))


OURS = (*range(12), *range(44, 144), *range(148, 312), *range(376, 408))
"""Positions of the bytes of a message that attesters do not fill in."""


@given(st.sampled_from(OURS), st.integers(1, 255))
def test_require_same__attesters_change_no_more_than_they_fill_in(place: int, change: int) -> None:
    message, _ = attested()
    changed = bytearray(message)
    changed[place] ^= change
    with pytest.raises(ForgedMessageError):
        require_same(decode_message(FAST), decode_message(bytes(changed)))


@pytest.mark.parametrize(
    ("filled", "part"),
    [
        ({"fee": 50_001}, "fee_executed"),
        ({"finality": 499}, "finality_executed"),
        ({"finality": 999}, "finality_executed"),
    ],
)
def test_require_same__impossible_fillings_are_refused(filled: dict[str, int], part: str) -> None:
    message, _ = attested(**filled)
    with pytest.raises(ForgedMessageError, match=part):
        require_same(decode_message(FAST), decode_message(message))


def test_require_same__a_fast_request_may_be_served_as_standard() -> None:
    message, _ = attested(fee=0, finality=2000)
    require_same(decode_message(FAST), decode_message(message))


def test_require_same__without_a_nonce_is_refused() -> None:
    with pytest.raises(ForgedMessageError, match="nonce"):
        require_same(decode_message(FAST), decode_message(FAST))


def test_attestation__signers_are_in_order() -> None:
    message, attestation = attested()
    swapped = attestation[65:] + attestation[:65]
    assert set(signers_of(message, attestation)) == ADDRESSES
    with pytest.raises(ForgedMessageError, match="order"):
        signers_of(message, swapped)
    with pytest.raises(ForgedMessageError, match="order"):
        signers_of(message, attestation[:65] * 2)


@pytest.mark.parametrize("length", [0, 1, 64, 66, 129])
def test_attestation__of_another_length_is_refused(length: int) -> None:
    message, attestation = attested()
    with pytest.raises(ForgedMessageError, match="bytes"):
        signers_of(message, attestation[:length])


def test_attestation__of_strangers_is_refused() -> None:
    message, attestation = attested()
    with pytest.raises(ForgedMessageError, match="not an attester"):
        require_attested(message, attestation, frozenset({KEYS[0].address}))
