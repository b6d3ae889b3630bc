"""Signatures on secp256k1: canonical form and recovery of the account."""

from __future__ import annotations

from eth_keys.datatypes import PublicKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from keepers.model.errors.signing import BadSignatureError, WrongSignerError

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""Number of points of the curve."""

HALF = ORDER // 2
UNCOMPRESSED = b"\x04"
POINT_BYTES = 65
PARITIES = (0, 1)
NOBODY = "nobody"


def low_s(s: int) -> int:
    """Return the lower one of two equivalent values of s; chains take no other (EIP-2)."""
    return ORDER - s if HALF < s < ORDER else s


def require_canonical(parity: int, r: int, s: int) -> None:
    """Check that a signature has the one form that chains take.

    Raises:
        BadSignatureError: A number is out of its range, or s is high.
    """
    if parity not in PARITIES:
        raise BadSignatureError("its parity is neither 0 nor 1")
    if not (0 < r < ORDER and 0 < s < ORDER):
        raise BadSignatureError("r or s is not a number of the curve")
    if s > HALF:
        raise BadSignatureError("s is high, and only low s counts (EIP-2)")


def recover(digest: bytes, *, parity: int, r: int, s: int) -> str:
    """Return the account of a signature.

    Raises:
        BadSignatureError: It is of no account.
    """
    require_canonical(parity, r, s)
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        raise BadSignatureError("it is nobody's signature") from None
    return key.to_checksum_address()


def normalize_signature(
    digest: bytes, *, parity: int, r: int, s: int, account: str
) -> tuple[int, int]:
    """Return parity and s in the form that chains take, if the signature is an account's.

    A high s becomes low, which inverts the parity. Where that parity recovers another account, the
    opposite one counts if it recovers this account.

    Raises:
        BadSignatureError: A number is out of its range.
        WrongSignerError: It is not the account's with either parity.
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
        BadSignatureError: It is no such point.
    """
    if len(point) != POINT_BYTES or not point.startswith(UNCOMPRESSED):
        raise BadSignatureError("the public key is not an uncompressed point")
    return PublicKey(point[1:]).to_checksum_address()
