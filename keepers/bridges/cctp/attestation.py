"""Attestations: signatures of 65 bytes each, over the message's hash, in order of the signers."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from itertools import pairwise

from eth_utils.crypto import keccak

from keepers.model.errors.bridges import ForgedMessageError
from keepers.model.errors.signing import BadSignatureError
from keepers.signing.curve import recover

SIGNATURE = 65
FIRST_V = 27
PART = "attestation"


def signers_of(message: bytes, attestation: bytes) -> tuple[str, ...]:
    """Who signed, in order.

    Raises:
        ForgedMessageError: It has not the form that the chain takes.
    """
    if not attestation or len(attestation) % SIGNATURE:
        raise ForgedMessageError(PART, f"has {len(attestation)} bytes, no whole signatures")
    digest = keccak(message)
    places = range(0, len(attestation), SIGNATURE)
    signers = tuple(_signer(digest, attestation[each : each + SIGNATURE]) for each in places)
    numbers = [int(each, 16) for each in signers]
    if any(one >= two for one, two in pairwise(numbers)):
        raise ForgedMessageError(PART, "has signers twice or out of order")
    return signers


def require_attested(message: bytes, attestation: bytes, attesters: AbstractSet[str]) -> None:
    """Look at an attestation before it is sent.

    Raises:
        ForgedMessageError: It has not the form that the chain takes, or strangers signed.
    """
    strangers = set(signers_of(message, attestation)) - attesters
    if strangers:
        raise ForgedMessageError(PART, f"is signed by {min(strangers)}, who is no attester")


def _signer(digest: bytes, signature: bytes) -> str:
    r, s = (int.from_bytes(signature[each : each + 32], "big") for each in (0, 32))
    try:
        return recover(digest, parity=signature[64] - FIRST_V, r=r, s=s)
    except BadSignatureError as error:
        raise ForgedMessageError(
            PART, f"has a signature that no chain takes: {error.problem}"
        ) from None
