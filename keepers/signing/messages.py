"""Signatures of messages by people's accounts: never of transactions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from eth_account.messages import SignableMessage, encode_typed_data

from keepers.signing.keystore import account_of

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount


class MessageSigner:
    """Signs messages with a key that it holds."""

    def __init__(self, account: LocalAccount) -> None:
        self._account = account

    @classmethod
    def from_keystore(cls, path: Path, password: str) -> MessageSigner:
        """From an encrypted file, as ape's accounts are.

        Raises:
            KeyUnusableError: It cannot be read, or the password is wrong.
        """
        return cls(account_of(path, password))

    @property
    def address(self) -> str:
        """The account."""
        return str(self._account.address)

    def sign(self, message: SignableMessage) -> str:
        """The signature, 65 bytes as hexadecimal text."""
        return f"0x{bytes(self._account.sign_message(message).signature).hex()}"


def safe_message(chain_id: int, safe: str, digest: bytes) -> SignableMessage:
    """What an owner of a Safe signs so that the Safe says yes to a hash (its fallback handler)."""
    return encode_typed_data(
        domain_data={"chainId": chain_id, "verifyingContract": safe},
        message_types={"SafeMessage": [{"name": "message", "type": "bytes"}]},
        message_data={"message": digest},
    )
