"""Fake of AWS KMS without a network: DER signatures with high or low s."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


class FakeKms:
    """Fake with one key; a test can change its responses and make it fail."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, **changed: Any) -> None:
        self.key = key
        self.changed = changed
        self.error: Exception | None = None

    def get_public_key(self, **request: Any) -> dict[str, Any]:
        del request
        self._fail()
        der = self.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        usual = {"KeySpec": "ECC_SECG_P256K1", "KeyUsage": "SIGN_VERIFY", "PublicKey": der}
        return usual | self.changed

    def sign(self, **request: Any) -> dict[str, Any]:
        self._fail()
        assert request["MessageType"] == "DIGEST"
        algorithm = ec.ECDSA(Prehashed(hashes.SHA256()))
        return {"Signature": self.key.sign(request["Message"], algorithm)} | self.changed

    def refuse(self, code: str) -> None:
        answer: Any = {"Error": {"Code": code, "Message": "arn:aws:iam::1234:role/secret"}}
        self.error = ClientError(answer, "Sign")

    def _fail(self) -> None:
        if self.error is not None:
            raise self.error


def key_of(private: str) -> ec.EllipticCurvePrivateKey:
    """Return a private key as the object that `FakeKms` signs with."""
    return ec.derive_private_key(int(private, 16), ec.SECP256K1())
