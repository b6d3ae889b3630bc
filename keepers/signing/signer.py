"""The protocols of signers; the engine's port asks for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keepers.model.chain import Signed, Unsigned
    from keepers.model.transactions.records import EncryptedPayload


class PlainSigner(Protocol):
    """Signs with the keeper's key, wherever that is."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign; raises a `SigningError` unless the result passed `checked`."""
        ...


class AnySigner(Protocol):
    """Signs openly, or lets only the validator see the result."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Sign; raises a `SigningError` unless it was signed as it should be."""
        ...
