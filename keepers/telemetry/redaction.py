"""Redaction, the last log processor: secrets are replaced wherever they occur."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import cast

from keepers.model.redaction import MASK, mask_url

SECRET_NAME = re.compile(
    r"pass(word|phrase|wd)|secret|private_?key|mnemonic|seed_?phrase|api_?key|authorization"
    r"|access_?token|(^|_)(pin|raw|box|seal_box)$",
    re.IGNORECASE,
)
HASH_NAMES = frozenset({"transaction", "transaction_hash", "block_hash", "digest"})
"""Fields with public 32-byte values; in other fields such a value may be a key."""

HASH = re.compile(r"0x[0-9a-fA-F]{64}")
LONG_HEX = re.compile(r"(0x)?[0-9a-fA-F]{64,}")
URL = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s\"'<>]+")
CREDENTIAL = re.compile(r"\b(bearer|basic)\s+[^\s,;]+", re.IGNORECASE)
ASSIGNMENT = re.compile(
    r"\b(password|passphrase|secret|private[_ ]?key|api[_-]?key|access[_ ]?token|pin)"
    r"(\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s,;]+)",
    re.IGNORECASE,
)
PEM = re.compile(r"-----BEGIN [A-Z ]+-----.*?(-----END [A-Z ]+-----|\Z)", re.DOTALL)

KEPT_DIGITS = 8
DEEPEST = 8
SHORTEST_SECRET = 6
"""Minimum length; shorter secrets occur in other texts by chance and are hidden by field name."""


class Redactor:
    """Structlog processor that hides secrets for the lifetime of the process."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()

    def hide(self, secret: str) -> None:
        """Hide a secret from now on."""
        if len(secret) >= SHORTEST_SECRET:
            self._secrets.add(secret)
            self._secrets.add(secret.removeprefix("0x"))

    def __call__(
        self, logger: object, method: str, line: Mapping[str, object]
    ) -> dict[str, object]:
        """Return a log line without secrets."""
        del logger, method
        return {self.text(name): self.value(name, value) for name, value in line.items()}

    def value(self, name: str, value: object, depth: int = 0) -> object:
        """Return a field's value without secrets, including nested values."""
        if SECRET_NAME.search(name) or depth >= DEEPEST:
            return MASK
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._nested(name, value, depth)

    def _nested(self, name: str, value: object, depth: int) -> object:
        if isinstance(value, Mapping):
            inner = cast("Mapping[object, object]", value)
            return {
                self.text(str(key)): self.value(str(key), each, depth + 1)
                for key, each in inner.items()
            }
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(name, each, depth + 1) for each in cast("Iterable[object]", value)]
        if isinstance(value, bytes | bytearray):
            return f"<{len(value)} bytes>"
        text = str(value)
        if depth == 0 and name in HASH_NAMES and HASH.fullmatch(text) and not self._is_secret(text):
            return text
        return self.text(text)

    def text(self, text: str) -> str:
        """Return a text without secrets: keys, URLs with keys, signed transactions."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, MASK)
        text = PEM.sub(MASK, text)
        text = URL.sub(lambda found: _url(found[0]), text)
        text = CREDENTIAL.sub(lambda found: f"{found[1]} {MASK}", text)
        text = ASSIGNMENT.sub(lambda found: f"{found[1]}{found[2]}{MASK}", text)
        return LONG_HEX.sub(lambda found: _short(found[0]), text)

    def _is_secret(self, text: str) -> bool:
        return any(secret in text for secret in self._secrets)


REDACTOR = Redactor()
"""Redactor of this process, used for every log line."""


def _url(url: str) -> str:
    try:
        return mask_url(url)
    except ValueError:
        return MASK


def _short(digits: str) -> str:
    """Return enough of a hash to recognise it, and too little to reveal a key."""
    plain = digits.removeprefix("0x")
    return f"0x{plain[:KEPT_DIGITS]}…({len(plain) // 2} bytes)"
