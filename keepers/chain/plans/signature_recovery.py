"""Whose signature of a hash it is, where an account gave it."""

from __future__ import annotations

from keepers.model.errors.signing import BadSignatureError
from keepers.signing.curve import recover

SIGNATURE_BYTES = 65
WORD = 32
FIRST_V = 27


def recovered(digest: bytes, signature: bytes) -> str | None:
    """The account, checksummed; None where it is no account's signature in the form chains take."""
    if len(signature) != SIGNATURE_BYTES:
        return None
    r, s = (int.from_bytes(signature[start : start + WORD], "big") for start in (0, WORD))
    try:
        return recover(digest, parity=signature[-1] - FIRST_V, r=r, s=s)
    except BadSignatureError:
        return None
