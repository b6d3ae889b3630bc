"""Key in AWS KMS, which never exports it; CloudTrail logs every use. Requires `ballast[kms]`."""

from __future__ import annotations

from typing import Any, Protocol, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256K1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
)
from keepers.signing.curve import address_of

CURVE = "ECC_SECG_P256K1"
USAGE = "SIGN_VERIFY"
ALGORITHM = "ECDSA_SHA_256"
"""KMS's name for ECDSA over a 32-byte digest; with DIGEST, KMS does not hash it."""

PASSING = frozenset({"ThrottlingException", "KMSInternalException", "DependencyTimeoutException"})
"""Temporary errors of the service."""


class KmsClient(Protocol):
    """Used part of boto3's client."""

    def get_public_key(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        """Return the public key."""
        ...

    def sign(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401 - boto3's
        """Return a signature."""
        ...


class KmsKey:
    """Key on secp256k1 in KMS."""

    def __init__(self, client: KmsClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id
        self.where = f"AWS KMS {key_id}"
        self.address = self._find_address()

    @classmethod
    def connect(
        cls, key_id: str, *, region: str | None, endpoint: str | None, seconds: float
    ) -> KmsKey:
        """Connect with boto3's credentials: environment, profile, or instance role.

        Raises:
            SigningError: The key or the service cannot be used.
        """
        config = Config(connect_timeout=seconds, read_timeout=seconds, retries={"max_attempts": 0})
        try:
            make = cast("Any", boto3).Session().client  # the default session keeps old credentials
            client = make("kms", region_name=region, endpoint_url=endpoint, config=config)
        except (BotoCoreError, ValueError) as error:
            raise KeyUnusableError(f"AWS KMS {key_id}", type(error).__name__) from None
        return cls(cast("KmsClient", client), key_id)

    def sign_digest(self, digest: bytes) -> tuple[int, int]:
        """Sign 32 bytes without hashing.

        Raises:
            SigningError: KMS did not respond, refused, or returned no signature.
        """
        try:
            answer = self._client.sign(
                KeyId=self._key_id, Message=digest, MessageType="DIGEST", SigningAlgorithm=ALGORITHM
            )
        except (ClientError, BotoCoreError) as error:
            raise self._failed(error) from None
        try:
            return decode_dss_signature(answer["Signature"])
        except (KeyError, TypeError, ValueError):
            raise BadSignatureError("KMS returned no ECDSA signature") from None

    def _find_address(self) -> str:
        try:
            answer = self._client.get_public_key(KeyId=self._key_id)
        except (ClientError, BotoCoreError) as error:
            raise self._failed(error) from None
        kind, usage = answer.get("KeySpec"), answer.get("KeyUsage")
        if kind != CURVE or usage != USAGE:
            raise KeyUnusableError(self.where, f"it is {kind} for {usage}, not {CURVE}, {USAGE}")
        return self._address(answer.get("PublicKey"))

    def _address(self, der: object) -> str:
        try:
            key = load_der_public_key(cast("bytes", der))
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise KeyUnusableError(self.where, "its public key is not DER") from None
        if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256K1):
            raise KeyUnusableError(self.where, "its public key is not on secp256k1")
        return address_of(key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    def _failed(self, error: Exception) -> SigningError:
        """Return an error with the kind of failure only; texts contain accounts and roles."""
        if not isinstance(error, ClientError):
            return SignerUnreachableError(self.where, type(error).__name__)
        code = str(cast("Any", error).response.get("Error", {}).get("Code", "no code"))
        passing = code in PASSING or code.isdecimal()
        return (SignerUnreachableError if passing else SignerRefusedError)(self.where, code)
