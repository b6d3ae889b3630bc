"""Encrypted payloads: signed bytes that only the validator reads. Needs `ballast[sealed]`.

A signer that seals gives the keeper's host nothing that a chain would take. The box is HPKE
(RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) to the validator's public key, and it is bound to
the digest of the unsigned transaction: the validator states what was audited, and a box made for
any other transaction does not open.

The seal keeps a secret and does not say who sealed; the signature inside does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keepers.model.errors.signing import KeyUnusableError, SealError
from keepers.model.transactions.records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.payload import digest_of

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.signing.signer import PlainSigner

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PURPOSE = b"ballast sealed transaction 1"


class SealingSigner:
    """Signs as another signer does, and lets only the validator see the result."""

    def __init__(self, signer: PlainSigner, validator: bytes) -> None:
        self._signer = signer
        try:
            self._validator = X25519PublicKey.from_public_bytes(validator)
        except ValueError:
            raise KeyUnusableError("the validator's key", "it is not 32 bytes of X25519") from None

    @property
    def address(self) -> str:
        """The keeper's account."""
        return self._signer.address

    def sign(self, transaction: Unsigned) -> EncryptedPayload:
        """Sign and seal.

        Raises:
            SigningError: It was not signed as it should be.
        """
        signed = self._signer.sign(transaction)
        digest = digest_of(transaction)
        raw = bytes.fromhex(signed.raw.removeprefix("0x"))
        try:
            return EncryptedPayload(
                digest, SUITE.encrypt(raw, self._validator, info=PURPOSE + digest)
            )
        except ValueError:
            raise KeyUnusableError("the validator's key", "it is a weak point") from None


class DecryptingValidator:
    """Opens what was sealed to it, and only if it is what was audited."""

    def __init__(self, private: bytes) -> None:
        try:
            self._private = X25519PrivateKey.from_private_bytes(private)
        except ValueError:
            raise KeyUnusableError("the validator's key", "it is not 32 bytes of X25519") from None

    @property
    def public_key(self) -> bytes:
        """The key that signers encrypt to."""
        return self._private.public_key().public_bytes_raw()

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Compare with what was audited, then open, then check what was inside.

        Args:
            sealed: What the signer gave.
            audited: The transaction that the audit passed.
            sender: Whose signature it has to be.

        Raises:
            SealError: It is of another transaction, or does not open.
            SigningError: What was inside is not what was audited.
        """
        digest = digest_of(audited)
        if sealed.digest != digest:
            raise SealError("it is not of the transaction that was audited")
        try:
            raw = SUITE.decrypt(sealed.box, self._private, info=PURPOSE + digest)
        except (InvalidTag, ValueError):
            raise SealError("made for another key or transaction, or damaged") from None
        return check_signed(audited, raw, sender)
