"""Signer, auditor and validator of a keeper that only looks: there is nothing that they do."""

from __future__ import annotations

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import AuditUnavailableError, SignerUnreachableError
from keepers.model.transactions.records import EncryptedPayload

REASON = "this keeper only looks"


class Idle:
    """Knows the sender's address and no key."""

    def __init__(self, address: str) -> None:
        self.address = address

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """No answer."""
        del transaction
        raise SignerUnreachableError(self.address, REASON)

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """No answer."""
        del transaction, sender
        raise AuditUnavailableError(self.address, REASON)

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """No answer."""
        del signed, audited, sender
        raise SignerUnreachableError(self.address, REASON)
