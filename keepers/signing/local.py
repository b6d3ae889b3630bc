"""Signers with a key in memory, from a keystore file or a plain private key."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from eth_account import Account
from eth_account.messages import SignableMessage, encode_typed_data
from eth_account.signers.local import LocalAccount

from keepers.model.chain import Signed, Unsigned
from keepers.model.errors.signing import KeyUnusableError
from keepers.signing.checked import check_signed
from keepers.signing.payload import fields_of

FOLDER_VARIABLE = "APE_DATA_FOLDER"
NO_KEYSTORE = (
    *(ValueError, KeyError, TypeError, AttributeError),
    *(NotImplementedError, OverflowError, MemoryError, RecursionError),
)
"""Errors of reading an invalid keystore file."""


def account_of(path: Path, password: str) -> LocalAccount:
    """Return the account of a keystore file.

    Raises:
        KeyUnusableError: It cannot be read, the password is wrong, or it is not a keystore.
    """
    try:
        return Account.from_key(Account.decrypt(json.loads(path.read_text()), password))
    except OSError as error:
        raise KeyUnusableError(str(path), error.strerror or "cannot be read") from None
    except NO_KEYSTORE:
        raise KeyUnusableError(str(path), "wrong password, or not a keystore file") from None


class _KeyHolder:
    """Base of the signers with a key in memory."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    @classmethod
    def from_keystore(cls, path: Path, password: str) -> Self:
        """Load the key from an encrypted keystore file.

        Raises:
            KeyUnusableError: It cannot be read, the password is wrong, or it is not a keystore.
        """
        return cls(account_of(path, password))

    @property
    def address(self) -> str:
        """Return the account."""
        return str(self._account.address)


class LocalSigner(_KeyHolder):
    """Signer of transactions."""

    @classmethod
    def from_private_key(cls, key: str, where: str) -> LocalSigner:
        """Use a private key; errors refer to it as `where`."""
        try:
            return cls(Account.from_key(key))
        except ValueError:
            raise KeyUnusableError(where, "it is not a private key of 32 bytes") from None

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign a transaction, and check the result.

        Raises:
            SigningError: The result is not the requested transaction.
        """
        signed = self._account.sign_transaction(fields_of(transaction))
        return check_signed(transaction, bytes(signed.raw_transaction), self.address)


class MessageSigner(_KeyHolder):
    """Signer of messages."""

    def sign(self, message: SignableMessage) -> str:
        """Return the signature, 65 bytes as hexadecimal text."""
        return f"0x{bytes(self._account.sign_message(message).signature).hex()}"


def ape_keystore(alias: str, environment: Mapping[str, str]) -> Path:
    """Return the file of an account created by `ape accounts generate ALIAS`.

    Args:
        alias: The account's name in ape.
        environment: Environment variables, which may set ape's folder.

    Raises:
        KeyUnusableError: The alias does not name a file in that folder.
    """
    if not alias or alias.startswith(".") or Path(alias).name != alias:
        raise KeyUnusableError("ape's accounts", "the alias is not a plain name")
    chosen = environment.get(FOLDER_VARIABLE)
    folder = Path(chosen).expanduser() if chosen else Path.home() / ".ape"
    return folder / "accounts" / f"{alias}.json"


def safe_message(chain_id: int, safe: str, digest: bytes) -> SignableMessage:
    """Return the message that a Safe's owner signs to approve a hash (its fallback handler)."""
    return encode_typed_data(
        domain_data={"chainId": chain_id, "verifyingContract": safe},
        message_types={"SafeMessage": [{"name": "message", "type": "bytes"}]},
        message_data={"message": digest},
    )
