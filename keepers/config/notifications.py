"""Who is told of what, and how often."""

from typing import Annotated

from pydantic import AfterValidator, Field

from keepers.config.values import Positive, Section
from keepers.model.notice import Severity


def _address(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    plain = url.isprintable() and " " not in url
    if not (scheme and separator and rest and plain):
        raise ValueError("must be an address of Apprise's, as in json://host/path")
    return url


Address = Annotated[str, AfterValidator(_address)]
"""A destination; any part of it may be a key."""


class NotificationSettings(Section):
    """Destinations, and what is worth a message."""

    urls: list[Address] = Field(default_factory=list[Address], repr=False)
    minimum_severity: Severity = Severity.INFO
    reminder_hours: Positive = 6
