"""Remote signers over TLS: `eth_signTransaction` as in Web3Signer and op-signer."""

from __future__ import annotations

import json
from typing import Any, cast

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    SignerRefusedError,
)
from keepers.model.redaction import mask_text
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.https import Endpoint
from keepers.signing.payload import digest_of, to_fields

METHOD = "eth_signTransaction"
SEALED_METHOD = "ballast_signSealed"


def fields_of_answer(answer: bytes, endpoint: Endpoint) -> dict[str, Any]:
    """Return the members of a response without an error.

    Raises:
        SignerRefusedError: The response has an `error`.
        BadSignatureError: The response is not a JSON object.
    """
    try:
        fields = json.loads(answer)
    except (ValueError, RecursionError):
        raise BadSignatureError("it is not JSON") from None
    if not isinstance(fields, dict):
        raise BadSignatureError("it is not a JSON object")
    known = cast("dict[str, Any]", fields)
    if known.get("error") is not None:
        raise _refused(known["error"], endpoint)
    return known


def rpc_request(method: str, *parameters: object) -> bytes:
    """Return the bytes of a JSON-RPC request."""
    request: dict[str, object] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": method,
        "params": list(parameters),
    }
    return json.dumps(request).encode()


def bytes_in(value: object, what: str) -> bytes:
    """Return bytes from hexadecimal text.

    Raises:
        BadSignatureError: The value is malformed.
    """
    if not isinstance(value, str) or not value.startswith("0x"):
        raise BadSignatureError(f"it has no {what}")
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        raise BadSignatureError(f"its {what} is not hexadecimal") from None


def _refused(error: object, endpoint: Endpoint) -> SignerRefusedError:
    text = cast("dict[str, Any]", error).get("message") if isinstance(error, dict) else error
    return SignerRefusedError(endpoint.shown_url, mask_text(str(text), endpoint.url))


class _Remote:
    """Base of the remote signers: endpoint and account."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        self._endpoint = endpoint
        self._address = address

    @property
    def address(self) -> str:
        """Return the configured account; the signer's own claim would prove nothing."""
        return self._address

    def _ask(self, method: str, transaction: Unsigned) -> object:
        """Return the signer's result; raise a `SigningError` without one."""
        asked = rpc_request(method, to_fields(transaction, self._address))
        return fields_of_answer(self._endpoint.post(asked), self._endpoint).get("result")


class RemoteSigner(_Remote):
    """Client of a remote signer, which is trusted only with the key."""

    def sign(self, transaction: Unsigned) -> Signed:
        """Have a transaction signed.

        Raises:
            SignerUnreachableError: No response in time, or none over a trusted connection.
            SignerRefusedError: The signer refuses.
            SigningError: The response is not the requested transaction.
        """
        return check_signed(transaction, _raw_of(self._ask(METHOD, transaction)), self._address)


class RemoteSealingSigner(_Remote):
    """Client of a remote signer whose payloads only the validator can decrypt."""

    def sign(self, transaction: Unsigned) -> EncryptedPayload:
        """Have a transaction signed and encrypted; the validator checks the signature.

        Raises:
            SigningError: As for `RemoteSigner`, or the payload is for another transaction.
        """
        result = self._ask(SEALED_METHOD, transaction)
        if not isinstance(result, dict):
            raise BadSignatureError("it has no box")
        fields = cast("dict[str, Any]", result)
        digest, ciphertext = (
            bytes_in(fields.get("digest"), "digest"),
            bytes_in(fields.get("box"), "box"),
        )
        wanted = digest_of(transaction)
        if digest != wanted:
            raise AlteredTransactionError("digest", f"0x{wanted.hex()}", f"0x{digest.hex()}")
        return EncryptedPayload(digest, ciphertext)


def _raw_of(result: object) -> bytes:
    """Return the signed bytes: the result itself, or its `raw` field (geth)."""
    if isinstance(result, dict):
        result = cast("dict[str, Any]", result).get("raw")
    return bytes_in(result, "signed bytes")
