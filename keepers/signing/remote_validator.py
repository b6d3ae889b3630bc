"""A validator elsewhere: it alone opens what a signer sealed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Protocol

from keepers.signing.answers import bytes_in, fields_of_answer
from keepers.signing.checked import checked
from keepers.signing.wire import to_fields

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.model.transactions.encrypted_payload import Sealed
    from keepers.signing.https import Endpoint


class Opening(Protocol):
    """What every validator is; the engine's port `Validator`."""

    def open(self, sealed: Sealed, audited: Unsigned, sender: str) -> Signed:
        """The signed bytes; raises a `SigningError` unless they are what was audited."""
        ...


class RemoteValidator:
    """Has a box opened, and looks at what comes out as at any signer's answer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def open(self, sealed: Sealed, audited: Unsigned, sender: str) -> Signed:
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
        return checked(audited, bytes_in(fields.get("raw"), "signed bytes"), sender)
