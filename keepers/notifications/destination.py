"""Destinations of messages: Apprise URLs, any part of which may be secret."""

from __future__ import annotations

import hashlib
import logging
import re
from typing import Any, Protocol, cast
from urllib.parse import unquote

from keepers.model.errors.run import UnusableDestinationError
from keepers.model.notice import Message, MessageKind, Severity

MASK = "***"
LONGEST_ERROR = 300
SHORTEST_SECRET = 4
"""Shorter parts of a URL may occur in other texts by chance."""

PIECES = re.compile(r"[^A-Za-z0-9_.-]+")
WORDS = {
    MessageKind.REPORT: "Ballast, {severity}: {title}",
    MessageKind.REMINDER: "Ballast, still {severity}: {title}",
    MessageKind.RECOVERY: "Ballast, resolved: {title}",
}
TYPES = {Severity.INFO: "info", Severity.WARNING: "warning", Severity.CRITICAL: "failure"}
"""Apprise's notification types, by which services choose a colour."""

NO_REASON = "it was not accepted, and no reason was given"

_logger = logging.getLogger("apprise")
_logger.propagate = False  # its lines contain secret URLs
_logger.addHandler(logging.NullHandler())


class Destination(Protocol):
    """Receiver of messages."""

    @property
    def name(self) -> str:
        """Return the name in the database."""
        ...

    @property
    def shown(self) -> str:
        """Return the URL's scheme, without secrets."""
        ...

    def send(self, message: Message) -> str | None:
        """Send a message (blocking); return the reason of a failure, without secrets."""
        ...


class AppriseDestination:
    """Apprise URL; thread-safe."""

    def __init__(self, url: str) -> None:
        # Importing takes half a second, unnecessary for commands that send nothing.
        import apprise  # noqa: PLC0415

        self._url = url
        asset = apprise.AppriseAsset(app_id="Ballast", async_mode=False)
        self._apprise = cast("Any", apprise.Apprise(asset=asset))  # partially typed
        self.is_understood = bool(self._apprise.add(url))

    @property
    def name(self) -> str:
        """Return the name in the database."""
        return name_of(self._url)

    @property
    def shown(self) -> str:
        """Return the URL's scheme, without secrets."""
        return mask_address(self._url)

    def send(self, message: Message) -> str | None:
        """Send a message; return the reason of a failure, without secrets."""
        result = self._apprise.notify(
            body=message.text,
            title=title_of(message),
            notify_type=type_of(message),
            body_format="text",
            log_level=logging.WARNING,
        )
        if result:
            return None
        problem = "; ".join(entry.message for entry in result.logs())
        return mask_error(problem or NO_REASON, self._url)


def mask_address(url: str) -> str:
    """Return only the scheme of a URL: the apparent host is often a token."""
    scheme, separator, _ = url.partition("://")
    return f"{scheme}://{MASK}" if separator else MASK


def name_of(url: str) -> str:
    """Return a short name that does not reveal the URL."""
    return hashlib.sha256(url.encode()).hexdigest()[:16]


def mask_error(text: str, url: str) -> str:
    """Return a problem in one short line, without any part of the URL."""
    _, _, rest = url.partition("://")
    pieces = {each for part in (rest, unquote(rest)) for each in (part, *PIECES.split(part))}
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= SHORTEST_SECRET:
            text = text.replace(piece, MASK)
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_ERROR else f"{line[:LONGEST_ERROR]}…"


def title_of(message: Message) -> str:
    """Return the first line of a message."""
    words = WORDS[message.kind]
    return words.format(severity=message.severity.lower(), title=message.title)


def type_of(message: Message) -> str:
    """Return Apprise's type of a message."""
    return "success" if message.kind is MessageKind.RECOVERY else TYPES[message.severity]


def destinations_of(urls: list[str]) -> tuple[Destination, ...]:
    """Return the Apprise destinations, each URL once.

    Raises:
        UnusableDestinationError: Apprise does not support one.
    """
    if not urls:
        return ()
    made: list[Destination] = []
    for position, url in enumerate(dict.fromkeys(urls), start=1):
        destination = AppriseDestination(url)
        if not destination.is_understood:
            raise UnusableDestinationError(position, mask_address(url))
        made.append(destination)
    return tuple(made)
