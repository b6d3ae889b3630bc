"""The engine's validator: checks stored bytes, and has encrypted payloads opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepers.model.errors.signing import BadSignatureError, SealError
from keepers.model.transactions.records import EncryptedPayload
from keepers.signing.checked import check_signed

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.signing.remote import SealedOpener


class StoredBytesValidator:
    """Compares what is stored with what was audited, before any of it leaves.

    For signers that do not seal it needs no key: it keeps a changed database from sending what was
    never audited, and does not protect from a stolen host. For that, signer and validator run
    elsewhere, and only boxes are stored here.
    """

    def __init__(self, opening: SealedOpener | None = None) -> None:
        self._opening = opening

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """The signed bytes, if they are what was audited.

        Raises:
            SealError: They are sealed, and no validator is configured.
            SigningError: They are another transaction, or another account's.
            SignerUnreachableError: The validator does not answer.
        """
        if isinstance(signed, EncryptedPayload):
            if self._opening is None:
                raise SealError("it is sealed to a validator, and none is configured")
            return self._opening.open(signed, audited, sender)
        try:
            raw = bytes.fromhex(signed.raw.removeprefix("0x"))
        except ValueError:
            raise BadSignatureError("its stored bytes are not hexadecimal") from None
        return check_signed(audited, raw, sender)
