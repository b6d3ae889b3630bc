"""What every signer is; the engine's port of the same name asks for no more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from keepers.domain.chain import Signed, Unsigned


class Signer(Protocol):
    """Signs with the keeper's key, wherever that is."""

    @property
    def address(self) -> str:
        """The keeper's account."""
        ...

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign; raises a `SigningError` unless the result passed `checked`."""
        ...
