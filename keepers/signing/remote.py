"""Remote signers and validators over TLS: `eth_signTransaction` as of Web3Signer and op-signer."""

from __future__ import annotations

import json
from typing import Any, Protocol, cast

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    BadSignatureError,
    SignerRefusedError,
)
from keepers.model.redaction import mask_text
from keepers.model.transactions.records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.https import Endpoint
from keepers.signing.payload import digest_of, to_fields


def fields_of_answer(answer: bytes, endpoint: Endpoint) -> dict[str, Any]:
    """Return the members of an answer without an error.

    Raises:
        SignerRefusedError: It says no, with `error`.
        BadSignatureError: It is no JSON object.
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
    """A request of JSON-RPC."""
    request: dict[str, object] = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": method,
        "params": list(parameters),
    }
    return json.dumps(request).encode()


def bytes_in(value: object, what: str) -> bytes:
    """Bytes in hexadecimal.

    Raises:
        BadSignatureError: They are none.
    """
    if not isinstance(value, str) or not value.startswith("0x"):
        raise BadSignatureError(f"it has no {what}")
    try:
        return bytes.fromhex(value[2:])
    except ValueError:
        raise BadSignatureError(f"its {what} is not hexadecimal") from None


def _refused(error: object, endpoint: Endpoint) -> SignerRefusedError:
    said = cast("dict[str, Any]", error).get("message") if isinstance(error, dict) else error
    return SignerRefusedError(endpoint.shown_url, mask_text(str(said), endpoint.url))


METHOD = "eth_signTransaction"
SEALED_METHOD = "ballast_signSealed"


class _Remote:
    """Endpoint and account of both kinds of remote signers."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        self._endpoint = endpoint
        self._address = address

    @property
    def address(self) -> str:
        """The keeper's account, as configured: the signer's word for it would prove nothing."""
        return self._address

    def _ask(self, method: str, transaction: Unsigned) -> object:
        """The result that the signer gives; raises a `SigningError` without one."""
        asked = rpc_request(method, to_fields(transaction, self._address))
        return fields_of_answer(self._endpoint.post(asked), self._endpoint).get("result")


class RemoteSigner(_Remote):
    """Client of a signer that is trusted with the key and with nothing else."""

    def sign(self, transaction: Unsigned) -> Signed:
        """Have a transaction signed.

        Raises:
            SignerUnreachableError: No answer in time, or none over a connection that we trust.
            SignerRefusedError: It answered that it does not sign this.
            SigningError: Its answer is not what was asked for.
        """
        return check_signed(transaction, _raw_of(self._ask(METHOD, transaction)), self._address)


class RemoteSealingSigner(_Remote):
    """Client of a signer whose payloads only the validator can decrypt."""

    def sign(self, transaction: Unsigned) -> EncryptedPayload:
        """Have a transaction signed and sealed; whose signature is inside, the validator sees.

        Raises:
            SigningError: As of `RemoteSigner`, or the box is said to be of another transaction.
        """
        result = self._ask(SEALED_METHOD, transaction)
        if not isinstance(result, dict):
            raise BadSignatureError("it has no box")
        fields = cast("dict[str, Any]", result)
        digest, box = bytes_in(fields.get("digest"), "digest"), bytes_in(fields.get("box"), "box")
        wanted = digest_of(transaction)
        if digest != wanted:
            raise AlteredTransactionError("digest", f"0x{wanted.hex()}", f"0x{digest.hex()}")
        return EncryptedPayload(digest, box)


def _raw_of(result: object) -> bytes:
    """The signed bytes: given plainly, or as `raw` beside the transaction, as geth does."""
    if isinstance(result, dict):
        result = cast("dict[str, Any]", result).get("raw")
    return bytes_in(result, "signed bytes")


class SealedOpener(Protocol):
    """A validator of encrypted payloads alone; the engine's `Validator` also reads plain ones."""

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """The signed bytes; raises a `SigningError` unless they are what was audited."""
        ...


class RemoteValidator:
    """Has a box opened, and looks at what comes out as at any signer's answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Have a box opened.

        Raises:
            SignerUnreachableError: No answer in time, or none over a connection that we trust.
            SignerRefusedError: The validator does not open it; it says why.
            SigningError: What came out is not what was audited.
        """
        request = {
            "sealed": {"digest": f"0x{sealed.digest.hex()}", "box": f"0x{sealed.box.hex()}"},
            "transaction": to_fields(audited, sender),
            "sender": sender,
        }
        answer = self._endpoint.post(json.dumps(request).encode())
        fields = fields_of_answer(answer, self._endpoint)
        return check_signed(audited, bytes_in(fields.get("raw"), "signed bytes"), sender)
