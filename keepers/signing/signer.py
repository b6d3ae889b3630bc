"""The protocols of signers; the engine's port asks for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from keepers.signing.checked import check_signed
from keepers.signing.curve import low_s, normalize_signature
from keepers.signing.payload import digest_of, with_signature

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.model.transactions.records import EncryptedPayload


class PlainSigner(Protocol):
    """Signs with the keeper's key, wherever that is."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign; raises a `SigningError` unless the result passed `checked`."""
        ...


class AnySigner(Protocol):
    """Signs openly, or lets only the validator see the result."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Sign; raises a `SigningError` unless it was signed as it should be."""
        ...


class DigestKey(Protocol):
    """A key on secp256k1 that signs digests."""

    @property
    def address(self) -> str:
        """Its account."""
        ...

    def sign_digest(self, digest: bytes) -> tuple[int, int]:
        """Sign 32 bytes as they are; r and s, of which s may be high."""
        ...


class DigestSigner:
    """Makes signed transactions with a key that signs digests.

    Such keys say neither which of two public keys a signature belongs to, nor choose the low one
    of two values of s; both are made up for here, as for any other signer.
    """

    def __init__(self, key: DigestKey) -> None:
        self._key = key

    @property
    def address(self) -> str:
        """The keeper's account."""
        return self._key.address

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign, and accept only the account's own signature.

        Raises:
            SigningError: It could not be signed, or not by this account.
        """
        digest = digest_of(transaction)
        r, s = self._key.sign_digest(digest)
        parity, s = normalize_signature(digest, parity=0, r=r, s=low_s(s), account=self.address)
        raw = with_signature(transaction, parity=parity, r=r, s=s)
        return check_signed(transaction, raw, self.address)
