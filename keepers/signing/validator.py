"""Validators: signed bytes are compared with the audited transaction before they are sent."""

from __future__ import annotations

import json
from typing import Protocol

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import BadSignatureError, SealError
from keepers.model.transaction_records import EncryptedPayload
from keepers.signing.checked import check_signed
from keepers.signing.https import Endpoint
from keepers.signing.payload import to_fields
from keepers.signing.remote import bytes_in, fields_of_answer


class SealedOpener(Protocol):
    """Validator of encrypted payloads."""

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Return the signed bytes; raise a `SigningError` unless they are as audited."""
        ...


class StoredBytesValidator:
    """Validator of stored bytes; delegates decryption of payloads to another validator.

    For plain bytes it needs no key: it prevents a modified database from sending a transaction that
    was never audited. It does not protect against a compromised host; for that, run signer and
    validator on other hosts, so that only encrypted payloads are stored here.
    """

    def __init__(self, opener: SealedOpener | None = None) -> None:
        self._opener = opener

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Return the signed bytes, if they are as audited.

        Raises:
            SealError: They are encrypted, and no validator is configured.
            SigningError: They are a different transaction, or signed by another account.
            SignerUnreachableError: The validator does not respond.
        """
        if isinstance(signed, EncryptedPayload):
            if self._opener is None:
                raise SealError("it is sealed for a validator, but none is configured")
            return self._opener.open(signed, audited, sender)
        try:
            raw = bytes.fromhex(signed.raw.removeprefix("0x"))
        except ValueError:
            raise BadSignatureError("its stored bytes are not hexadecimal") from None
        return check_signed(audited, raw, sender)


class RemoteValidator:
    """Client of a remote validator; its responses are checked like those of a signer."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def open(self, sealed: EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Have an encrypted payload decrypted.

        Raises:
            SignerUnreachableError: No response in time, or none over a trusted connection.
            SignerRefusedError: The validator refuses, with a reason.
            SigningError: The result does not match the audited transaction.
        """
        request = {
            "sealed": {"digest": f"0x{sealed.digest.hex()}", "box": f"0x{sealed.ciphertext.hex()}"},
            "transaction": to_fields(audited, sender),
            "sender": sender,
        }
        answer = self._endpoint.post(json.dumps(request).encode())
        fields = fields_of_answer(answer, self._endpoint)
        return check_signed(audited, bytes_in(fields.get("raw"), "signed bytes"), sender)
