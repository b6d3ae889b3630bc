"""Signatures on secp256k1: low s, and whose they are."""

from __future__ import annotations

from eth_keys.datatypes import PublicKey, Signature
from eth_keys.exceptions import BadSignature
from eth_utils.exceptions import ValidationError

from keepers.domain.errors_signing import BadSignatureError

ORDER = 0xFFFFFFFF_FFFFFFFF_FFFFFFFF_FFFFFFFE_BAAEDCE6_AF48A03B_BFD25E8C_D0364141
"""How many points the curve has."""

HALF = ORDER // 2
UNCOMPRESSED = b"\x04"
POINT_BYTES = 65
PARITIES = (0, 1)


def low_s(s: int) -> int:
    """The smaller of the two values that sign the same; chains take no other (EIP-2)."""
    return ORDER - s if HALF < s < ORDER else s


def require_canonical(parity: int, r: int, s: int) -> None:
    """Refuse what chains refuse, and the second form in which a signature can be written.

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
    """Whose signature it is.

    Raises:
        BadSignatureError: Nobody's.
    """
    require_canonical(parity, r, s)
    try:
        key = Signature(vrs=(parity, r, s)).recover_public_key_from_msg_hash(digest)
    except (BadSignature, ValidationError):
        raise BadSignatureError("it is nobody's signature") from None
    return key.to_checksum_address()


def address_of(point: bytes) -> str:
    """The account of a public key, given as the 65 bytes of a point.

    Raises:
        BadSignatureError: It is no such point.
    """
    if len(point) != POINT_BYTES or not point.startswith(UNCOMPRESSED):
        raise BadSignatureError("the public key is not an uncompressed point")
    return PublicKey(point[1:]).to_checksum_address()
