"""Signatures on secp256k1: canonical form and recovery of the account."""

from __future__ import annotations

from eth_keys.datatypes import PublicKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from keepers.model.errors.signing import BadSignatureError, WrongSignerError

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Order of the curve's group."""

HALF = ORDER // 2
UNCOMPRESSED = b"\x04"
POINT_BYTES = 65
PARITIES = (0, 1)
NOBODY = "nobody"


def low_s(s: int) -> int:
    """Return the lower of two equivalent values of s; chains accept only that (EIP-2)."""
    return ORDER - s if HALF < s < ORDER else s


def require_canonical(parity: int, r: int, s: int) -> None:
    """Check that a signature has the canonical form that chains accept.

    Raises:
        BadSignatureError: A number is out of its range, or s is high.
    """
    if parity not in PARITIES:
        raise BadSignatureError("its parity is neither 0 nor 1")
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise BadSignatureError("r or s is outside the range of the curve")
    if s > HALF:
        raise BadSignatureError("s is high, and only a low s is valid (EIP-2)")


def recover(digest: bytes, *, parity: int, r: int, s: int) -> str:
    """Return the account of a signature.

    Raises:
        BadSignatureError: No account can be recovered.
    """
    require_canonical(parity, r, s)
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        raise BadSignatureError("no account can be recovered from it") from None
    return key.to_checksum_address()


def normalize_signature(
    digest: bytes, *, parity: int, r: int, s: int, account: str
) -> tuple[int, int]:
    """Return parity and s in canonical form, if the signature is by the account.

    A high s is replaced by the low one, which inverts the parity. If that parity recovers another
    account, the opposite parity is used if it recovers this account.

    Raises:
        BadSignatureError: A number is out of its range.
        WrongSignerError: Neither parity recovers the account.
    """
    if low_s(s) != s and parity in PARITIES:
        parity, s = 1 - parity, low_s(s)
    require_canonical(parity, r, s)
    signers = {each: _signer(digest, each, r, s) for each in PARITIES}
    for each in (parity, 1 - parity):
        if signers[each] == account:
            return each, s
    raise WrongSignerError(account, signers[parity])


def _signer(digest: bytes, parity: int, r: int, s: int) -> str:
    try:
        return recover(digest, parity=parity, r=r, s=s)
    except BadSignatureError:
        return NOBODY


def address_of(point: bytes) -> str:
    """Return the account of a public key, given as the 65 bytes of a point.

    Raises:
        BadSignatureError: The bytes are not a point of the curve.
    """
    if len(point) != POINT_BYTES or not point.startswith(UNCOMPRESSED):
        raise BadSignatureError("the public key is not an uncompressed point")
    return PublicKey(point[1:]).to_checksum_address()
