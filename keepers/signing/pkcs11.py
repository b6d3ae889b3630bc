"""Key in a PKCS#11 hardware security module. Requires `ballast[pkcs11]`."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, cast

import pkcs11
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.exceptions import (
    FunctionRejected,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLocked,
    PKCS11Error,
)

from keepers.model.errors.signing import (
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
)
from keepers.signing.curve import POINT_BYTES, UNCOMPRESSED, address_of

SECP256K1 = bytes.fromhex("06052b8104000a")
"""Object identifier of the curve, 1.3.132.0.10, in DER."""

OCTET_STRING = bytes((4, POINT_BYTES))
SIGNATURE_BYTES = 64
PIN = (PinIncorrect, PinLocked, PinExpired, PinInvalid)


class Pkcs11Key:
    """Key pair on secp256k1 in a token, found by its label.

    A session is opened for every use, so that a lost session does no harm. A lock restricts use to
    one thread at a time, because a login applies to the whole process.
    """

    def __init__(self, library: Path, *, token: str, label: str, pin: str) -> None:
        self.where = f"PKCS#11 token {token}, key {label}"
        self._library = library
        self._token = token
        self._label = label
        self._pin = pin
        self._lock = threading.Lock()
        self.address = self._find_address()

    def sign_digest(self, digest: bytes) -> tuple[int, int]:
        """Sign 32 bytes without hashing.

        Raises:
            SigningError: The module did not sign.
        """
        try:
            with self._lock, self._session() as session:
                key = self._one(session, ObjectClass.PRIVATE_KEY)
                signature = bytes(key.sign(digest, mechanism=Mechanism.ECDSA))
        except PKCS11Error as error:
            raise self._failed(error) from None
        if len(signature) != SIGNATURE_BYTES:
            raise BadSignatureError("the module returned no signature of 64 bytes")
        half = SIGNATURE_BYTES // 2
        return int.from_bytes(signature[:half]), int.from_bytes(signature[half:])

    def _find_address(self) -> str:
        try:
            with self._lock, self._session() as session:
                key = self._one(session, ObjectClass.PUBLIC_KEY)
                curve, point = bytes(key[Attribute.EC_PARAMS]), bytes(key[Attribute.EC_POINT])
        except (PKCS11Error, RuntimeError, KeyError) as error:
            raise KeyUnusableError(self.where, type(error).__name__) from None
        if curve != SECP256K1:
            raise KeyUnusableError(self.where, "it is not on secp256k1")
        return address_of(_plain(point))

    def _one(self, session: Any, kind: ObjectClass) -> Any:  # noqa: ANN401 - the library's
        wanted = {
            Attribute.CLASS: kind,
            Attribute.KEY_TYPE: KeyType.EC,
            Attribute.LABEL: self._label,
        }
        found = list(session.get_objects(wanted))
        if len(found) != 1:
            raise KeyUnusableError(self.where, f"{len(found)} {kind.name} objects have that label")
        return found[0]

    def _failed(self, error: PKCS11Error) -> SigningError:
        """Convert an error by kind; a wrong PIN is final, because modules lock after a few."""
        name = type(error).__name__
        if isinstance(error, PIN):
            return KeyUnusableError(self.where, name)
        if isinstance(error, FunctionRejected):
            return SignerRefusedError(self.where, name)
        return SignerUnreachableError(self.where, name)

    def _session(self) -> Any:  # noqa: ANN401 - the library's session, which it does not type
        library = cast("Any", pkcs11).lib(str(self._library))
        return library.get_token(token_label=self._token).open(user_pin=self._pin)


def _plain(point: bytes) -> bytes:
    """Return the bare point; most modules wrap it in a DER octet string."""
    wrapped = point.startswith(OCTET_STRING) and point[len(OCTET_STRING) :].startswith(UNCOMPRESSED)
    return point[len(OCTET_STRING) :] if wrapped else point
