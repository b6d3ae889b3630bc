"""A validator on the keeper's own host, for signers that do not seal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from keepers.adapters.signing.checked import checked
from keepers.domain.errors_signing import BadSignatureError, SealError
from keepers.domain.transaction.sealed import Sealed

if TYPE_CHECKING:
    from keepers.domain.chain import Signed, Unsigned


class PlainValidator:
    """Reads stored bytes again before they leave; it needs no key.

    It keeps a changed database from sending what was never audited. It does not protect from a
    stolen host: for that, signer and validator run elsewhere.
    """

    def open(self, signed: Signed | Sealed, audited: Unsigned, sender: str) -> Signed:
        """The same bytes, if they are what was audited.

        Raises:
            SealError: They are sealed, and the key to open them is elsewhere.
            SigningError: They are another transaction, or another account's.
        """
        if isinstance(signed, Sealed):
            raise SealError("it is sealed to a validator, and none is configured")
        try:
            raw = bytes.fromhex(signed.raw.removeprefix("0x"))
        except ValueError:
            raise BadSignatureError("its stored bytes are not hexadecimal") from None
        return checked(audited, raw, sender)
