"""A signer elsewhere: `eth_signTransaction` over TLS, as Web3Signer and op-signer speak it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, cast

from keepers.adapters.chain.masking import mask_text
from keepers.adapters.signing.checked import checked
from keepers.adapters.signing.wire import to_fields
from keepers.domain.errors_signing import BadSignatureError, SignerRefusedError

if TYPE_CHECKING:
    from keepers.adapters.signing.https import Endpoint
    from keepers.domain.chain import Signed, Unsigned

METHOD = "eth_signTransaction"


class RemoteSigner:
    """Asks a signer that is trusted with the key and with nothing else."""

    def __init__(self, endpoint: Endpoint, address: str) -> None:
        self._endpoint = endpoint
        self._address = address

    @property
    def address(self) -> str:
        """The keeper's account, as configured: the signer's word for it would prove nothing."""
        return self._address

    def sign(self, transaction: Unsigned) -> Signed:
        """Have a transaction signed.

        Raises:
            SignerUnreachableError: No answer in time, or none over a connection that we trust.
            SignerRefusedError: It answered that it does not sign this.
            SigningError: Its answer is not what was asked for.
        """
        answer = self._endpoint.post(_request(transaction, self._address))
        return checked(transaction, self._raw(answer), self._address)

    def _raw(self, answer: bytes) -> bytes:
        try:
            fields = json.loads(answer)
        except (ValueError, RecursionError):
            raise BadSignatureError("it is not JSON") from None
        if not isinstance(fields, dict):
            raise BadSignatureError("it is not JSON-RPC")
        known = cast("dict[str, Any]", fields)
        if known.get("error") is not None:
            raise self._refused(known["error"])
        return _raw_of(known.get("result"))

    def _refused(self, error: object) -> SignerRefusedError:
        said = cast("dict[str, Any]", error).get("message") if isinstance(error, dict) else error
        shown = self._endpoint.shown_url
        return SignerRefusedError(shown, mask_text(str(said), self._endpoint.url))


def _request(transaction: Unsigned, sender: str) -> bytes:
    asked = to_fields(transaction, sender)
    request: dict[str, object] = {"jsonrpc": "2.0", "id": 1, "method": METHOD, "params": [asked]}
    return json.dumps(request).encode()


def _raw_of(result: object) -> bytes:
    """The signed bytes: given plainly, or as `raw` beside the transaction, as geth does."""
    if isinstance(result, dict):
        result = cast("dict[str, Any]", result).get("raw")
    if not isinstance(result, str) or not result.startswith("0x"):
        raise BadSignatureError("it has no signed bytes")
    try:
        return bytes.fromhex(result[2:])
    except ValueError:
        raise BadSignatureError("its signed bytes are not hexadecimal") from None
