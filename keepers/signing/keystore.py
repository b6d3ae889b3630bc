"""Encrypted key files, as ape, geth and others write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from eth_account import Account

from keepers.model.errors.signing import KeyUnusableError

if TYPE_CHECKING:
    from eth_account.signers.local import LocalAccount

NO_KEYSTORE = (
    *(ValueError, KeyError, TypeError, AttributeError),
    *(NotImplementedError, OverflowError, MemoryError, RecursionError),
)
"""What reading a file that only looks like a keystore ends with."""


def account_of(path: Path, password: str) -> LocalAccount:
    """The account whose key a file holds.

    Raises:
        KeyUnusableError: It cannot be read, the password is wrong, or it is no keystore.
    """
    try:
        return Account.from_key(Account.decrypt(json.loads(path.read_text()), password))
    except OSError as error:
        raise KeyUnusableError(str(path), error.strerror or "cannot be read") from None
    except NO_KEYSTORE:
        raise KeyUnusableError(str(path), "wrong password, or not a keystore file") from None
