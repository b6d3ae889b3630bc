"""Server with the signing part of AWS KMS's interface, and with real keys.

moto is the usual substitute; it hashes a digest again before signing it, so that none of its
signatures recovers to the key. This server signs 32 bytes as they are, as KMS does.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DIGEST_BYTES = 32
SPECS = {"secp256k1": "ECC_SECG_P256K1", "secp256r1": "ECC_NIST_P256"}
Reply = tuple[int, bytes]


class Kms:
    """Keys by id; `disabled` keys do not sign, `denied` credentials have no rights."""

    def __init__(self) -> None:
        self.keys: dict[str, ec.EllipticCurvePrivateKey] = {}
        self.disabled: set[str] = set()
        self.denied = False

    def answer(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Answer one request of the AWS JSON protocol."""
        asked = json.loads(body)
        if self.denied or not headers.get("Authorization", "").startswith("AWS4-HMAC-SHA256 "):
            return _error("AccessDeniedException")
        key = self.keys.get(asked["KeyId"])
        if key is None:
            return _error("NotFoundException")
        match headers["X-Amz-Target"]:
            case "TrentService.GetPublicKey":
                return _public(key)
            case "TrentService.Sign" if asked["KeyId"] in self.disabled:
                return _error("DisabledException")
            case "TrentService.Sign":
                return _sign(key, asked)
            case _:
                return _error("UnknownOperationException")


def _public(key: ec.EllipticCurvePrivateKey) -> Reply:
    der = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    spec = SPECS[key.curve.name]
    return _json(KeySpec=spec, KeyUsage="SIGN_VERIFY", PublicKey=b64encode(der).decode())


def _sign(key: ec.EllipticCurvePrivateKey, asked: Mapping[str, str]) -> Reply:
    message = b64decode(asked["Message"])
    wanted = (asked["MessageType"], asked["SigningAlgorithm"], len(message))
    if wanted != ("DIGEST", "ECDSA_SHA_256", DIGEST_BYTES):
        return _error("ValidationException")
    signature = key.sign(message, ec.ECDSA(Prehashed(hashes.SHA256())))
    return _json(Signature=b64encode(signature).decode(), SigningAlgorithm="ECDSA_SHA_256")


def _json(**fields: Any) -> Reply:
    return 200, json.dumps(fields).encode()


def _error(kind: str) -> Reply:
    return 400, json.dumps({"__type": kind, "message": "arn:aws:kms:secret"}).encode()
