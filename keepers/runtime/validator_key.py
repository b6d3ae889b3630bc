"""The validator's key pair: the private half in a file that only its owner reads."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from keepers.model.errors.signing import KeyUnusableError
from keepers.runtime.signers import load_adapter

OWNER_ONLY = 0o600
OTHERS = stat.S_IRWXG | stat.S_IRWXO
KEY_BYTES = 32

_KEY = re.compile(r"[0-9a-f]{64}")


def generate_key(path: Path) -> str:
    """Make a key pair, and write the private half; a file that is there stays.

    Returns:
        The public half in hexadecimal, which signers are told.

    Raises:
        KeyUnusableError: The file cannot be made.
    """
    private = os.urandom(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    except OSError as error:
        raise KeyUnusableError(str(path), error.strerror or "cannot be made") from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"{private.hex()}\n")
    return public_key_of(private)


def read_key(path: Path) -> bytes:
    """The private half.

    Raises:
        KeyUnusableError: It cannot be read, is no key, or others may read it.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise KeyUnusableError(str(path), "it cannot be read") from None
    if mode & OTHERS:
        raise KeyUnusableError(str(path), "others may read it; chmod 600")
    if not _KEY.fullmatch(text):
        raise KeyUnusableError(str(path), "it is not 32 bytes in hexadecimal")
    return bytes.fromhex(text)


def public_key_of(private: bytes) -> str:
    """The public half in hexadecimal."""
    validator = load_adapter("sealed", "cryptography").DecryptingValidator(private)
    return str(validator.public_key.hex())
