"""Answers of signers and validators, read strictly; what they say goes masked into errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from keepers.model.errors.signing import BadSignatureError, SignerRefusedError
from keepers.model.redaction import mask_text

if TYPE_CHECKING:
    from keepers.signing.https import Endpoint


def fields_of_answer(answer: bytes, endpoint: Endpoint) -> dict[str, Any]:
    """The members of an answer that says yes.

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
