"""Apprise, which speaks to each service in its own way."""

from __future__ import annotations

import logging
from typing import Any, cast

import apprise

from keepers.model.notice import Message
from keepers.notifications.destination import (
    mask_address,
    mask_error,
    name_of,
    title_of,
    type_of,
)

NO_REASON = "it was not taken, and no reason was given"

_logger = logging.getLogger("apprise")
_logger.propagate = False  # its lines name addresses, which are secrets
_logger.addHandler(logging.NullHandler())


class AppriseDestination:
    """One address; safe from any thread."""

    def __init__(self, url: str) -> None:
        self._url = url
        asset = apprise.AppriseAsset(app_id="Ballast", async_mode=False)
        self._apprise = cast("Any", apprise.Apprise(asset=asset))  # it is typed in part alone
        self.is_understood = bool(self._apprise.add(url))

    @property
    def name(self) -> str:
        """Name in the database."""
        return name_of(self._url)

    @property
    def shown(self) -> str:
        """Kind of the address, without its secrets."""
        return mask_address(self._url)

    def send(self, message: Message) -> str | None:
        """Send a message; return why it was not taken, without secrets."""
        result = self._apprise.notify(
            body=message.text,
            title=title_of(message),
            notify_type=type_of(message),
            body_format="text",
            log_level=logging.WARNING,
        )
        if result:
            return None
        said = "; ".join(entry.message for entry in result.logs())
        return mask_error(said or NO_REASON, self._url)
