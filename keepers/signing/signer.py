"""Signer protocols, and the signer for keys that sign digests only."""

from __future__ import annotations

from typing import Protocol

from keepers.model.chain import Signed, Unsigned
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.curve import low_s, normalize_signature
from keepers.signing.payload import digest_of, with_signature


class PlainSigner(Protocol):
    """Signer with the keeper's key, local or remote."""

    @property
    def address(self) -> str:
        """Return the keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign; raise a `SigningError` unless the result passes `check_signed`."""
        ...


class AnySigner(Protocol):
    """Signer whose result is plain, or encrypted to the validator."""

    @property
    def address(self) -> str:
        """Return the keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Sign; raise a `SigningError` unless the transaction was signed as requested."""
        ...


class DigestKey(Protocol):
    """Key on secp256k1 that signs digests, in a cloud service or hardware."""

    @property
    def address(self) -> str:
        """Return the key's account."""
        ...

    def sign_digest(self, digest: bytes) -> tuple[int, int]:
        """Sign 32 bytes without hashing; return r and s; s may be high."""
        ...


class DigestSigner:
    """Signer with a key that signs digests.

    Such keys return no parity, and may return the higher of the two values of s; both are corrected
    here.
    """

    def __init__(self, key: DigestKey) -> None:
        self._key = key

    @property
    def address(self) -> str:
        """Return the keeper's account."""
        return self._key.address

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign, and accept only the account's own signature.

        Raises:
            SigningError: The digest was not signed, or not by this account.
        """
        digest = digest_of(transaction)
        r, s = self._key.sign_digest(digest)
        parity, s = normalize_signature(digest, parity=0, r=r, s=low_s(s), account=self.address)
        raw = with_signature(transaction, parity=parity, r=r, s=s)
        return check_signed(transaction, raw, self.address)
