"""Redaction of secrets in node URLs and node messages."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote, urlsplit

MASK = "***"
SHORTEST_KEY = 6
"""Shorter parts of a path or query, such as `v3`, are not treated as keys."""

LONGEST_TEXT = 300


def mask_url(url: str) -> str:
    """Return scheme, host and port only; user info, paths and queries often contain keys."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    hidden = parts.username or parts.path.strip("/") or parts.query
    return f"{parts.scheme}://{host}{port}" + (f"/{MASK}" if hidden else "")


def mask_text(text: str, url: str) -> str:
    """Return a node's message, shortened and without the secrets of its URL."""
    secrets = {each for part in _secrets(url) for each in (part, unquote(part))}
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text if len(text) <= LONGEST_TEXT else f"{text[:LONGEST_TEXT]}…"


def _secrets(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    path = parts.path.strip("/")
    pieces = [*path.split("/"), *(value for _, value in parse_qsl(parts.query))]
    yield from (each for each in (path, parts.query, parts.username, parts.password) if each)
    yield from (each for each in pieces if len(each) >= SHORTEST_KEY)
