"""A key in this process's memory, from a keystore file or given plainly."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eth_account import Account

from keepers.model.errors.signing import KeyUnusableError
from keepers.signing.checked import checked
from keepers.signing.keystore import account_of
from keepers.signing.payload import fields_of

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

    from keepers.model.chain import Signed, Unsigned


class LocalSigner:
    """Signs with a key that it holds."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    @classmethod
    def from_private_key(cls, key: str, where: str) -> LocalSigner:
        """From the key itself; `where` is said in errors instead of it."""
        try:
            return cls(Account.from_key(key))
        except ValueError:
            raise KeyUnusableError(where, "it is not a private key of 32 bytes") from None

    @classmethod
    def from_keystore(cls, path: Path, password: str) -> LocalSigner:
        """From an encrypted file."""
        return cls(account_of(path, password))

    @property
    def address(self) -> str:
        """The keeper's account."""
        return str(self._account.address)

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign, and look whose signature of what it is before anybody relies on it.

        Raises:
            SigningError: It is not what was asked for.
        """
        signed = self._account.sign_transaction(fields_of(transaction))
        return checked(transaction, bytes(signed.raw_transaction), self.address)
