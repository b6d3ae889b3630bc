"""A key in this process's memory, from a keystore file or given plainly."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, cast

from eth_account import Account
from hexbytes import HexBytes

from keepers.domain.chain import Signed, Unsigned
from keepers.domain.errors import EXIT_UNUSABLE_INPUT, BallastError
from keepers.domain.errors_chain import WrongSignerError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount
    from eth_account.types import AccessList
    from eth_typing import HexStr


NO_KEYSTORE = (
    *(ValueError, KeyError, TypeError, AttributeError),
    *(NotImplementedError, OverflowError, MemoryError, RecursionError),
)
"""What reading a file that only looks like a keystore ends with."""


class KeyUnusableError(BallastError):
    """A key cannot be read; the message has nothing of the key in it."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"key in {where} cannot be used: {problem}")
        self.where = where


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
        try:
            return cls(Account.from_key(Account.decrypt(json.loads(path.read_text()), password)))
        except OSError as error:
            raise KeyUnusableError(str(path), error.strerror or "cannot be read") from None
        except NO_KEYSTORE:
            raise KeyUnusableError(str(path), "wrong password, or not a keystore file") from None

    @property
    def address(self) -> str:
        """The keeper's account."""
        return str(self._account.address)

    def sign(self, transaction: Unsigned) -> Signed:
        """Sign, and look whose signature it is before anybody relies on it.

        Raises:
            WrongSignerError: It is not the account's.
        """
        signed = self._account.sign_transaction(_fields(transaction))
        raw = HexBytes(signed.raw_transaction)
        sender = cast("str", Account.recover_transaction(raw))
        if sender != self.address:
            raise WrongSignerError(self.address, sender)
        return Signed(raw.to_0x_hex(), HexBytes(signed.hash).to_0x_hex(), sender)


def _fields(transaction: Unsigned) -> dict[str, AccessList | bytes | HexStr | int]:
    return {
        "type": 2,
        "chainId": transaction.chain_id,
        "nonce": transaction.nonce,
        "to": cast("HexStr", transaction.call.target),
        "data": cast("HexStr", transaction.call.calldata),
        "value": 0,
        "gas": transaction.gas_limit,
        "maxFeePerGas": transaction.fees.maximum,
        "maxPriorityFeePerGas": transaction.fees.priority,
    }
