"""Encrypted payloads: signed bytes that only the validator can read. Requires `ballast[sealed]`.

With them the keeper's host has no bytes that a chain would accept. A payload is encrypted with HPKE
(RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305) to the validator's public key and bound to the
digest of the unsigned transaction: the validator decrypts it only for the audited transaction.

Encryption keeps the bytes secret; the signature inside authenticates the signer.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import KeyUnusableError, SealError
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.payload import digest_of
from keepers.signing.signer import PlainSigner

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
PURPOSE = b"ballast sealed transaction 1"


class SealingSigner:
    """Signer that encrypts another signer's result to the validator."""

    def __init__(self, signer: PlainSigner, validator: bytes) -> None:
        self._signer = signer
        try:
            self._validator = X25519PublicKey.from_public_bytes(validator)
        except ValueError:
            raise KeyUnusableError("the validator's key", "it is not 32 bytes of X25519") from None

    @property
    def address(self) -> str:
        """Return the keeper's account."""
        return self._signer.address

    def sign(self, transaction: Unsigned) -> EncryptedPayload:
        """Sign and encrypt.

        Raises:
            SigningError: The transaction was not signed as requested.
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
    """Validator with the private key that decrypts payloads."""

    def __init__(self, private: bytes) -> None:
        try:
            self._private = X25519PrivateKey.from_private_bytes(private)
        except ValueError:
            raise KeyUnusableError("the validator's key", "it is not 32 bytes of X25519") from None

    @property
    def public_key(self) -> bytes:
        """Return the public key to which signers encrypt."""
        return self._private.public_key().public_bytes_raw()

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Compare the digest with the audited transaction, decrypt, and check the result.

        Args:
            sealed: The signer's payload.
            audited: The audited transaction.
            sender: Expected account of the signature.

        Raises:
            SealError: The payload is for another transaction, or cannot be decrypted.
            SigningError: The decrypted bytes do not match the audited transaction.
        """
        digest = digest_of(audited)
        if sealed.digest != digest:
            raise SealError("it is not for the transaction that was audited")
        try:
            raw = SUITE.decrypt(sealed.ciphertext, self._private, info=PURPOSE + digest)
        except (InvalidTag, ValueError):
            raise SealError("it is for another key or transaction, or it is corrupted") from None
        return check_signed(audited, raw, sender)
