"""The effective settings, one line per value, with its origin and without secrets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from keepers.config.load import Loaded
from keepers.config.model import Settings
from keepers.config.structure import KeyPath, Tree
from keepers.config.tiers import tier_defaults
from keepers.config.values import POSTGRES_URL
from keepers.notifications.destination import mask_address

MASK = "***"
DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Shown:
    """A value with secrets masked, and its origin."""

    key: str
    value: object
    origin: str


def effective(loaded: Loaded) -> Iterator[Shown]:
    """Yield every effective value, defaults included."""
    for path, value in _leaves(_complete(loaded.settings)):
        place = loaded.place(path)
        origin = DEFAULT if place is None else str(place)
        if isinstance(place, int):
            origin = f"{loaded.file}:{place}"
        yield Shown(".".join(map(str, path)), masked(path, value), origin)


def _complete(settings: Settings) -> Tree:
    """Return the settings, with the defaults of unset tier variables."""
    values = settings.model_dump(mode="json")
    for vault in values["vaults"].values():
        vault["tiers"] = tier_defaults() | vault["tiers"]
    return values


def masked(path: KeyPath, value: Any) -> object:  # noqa: ANN401 - JSON
    """Return a value without access keys and passwords."""
    match path:
        case ("database",):
            return _masked_database(str(value))
        case ("chains", _, "rpc_urls" | "send_only_urls" | "private_relay_urls"):
            return [_masked_url(url) for url in cast("list[str]", value)]
        case ("notifications", "urls"):
            return [mask_address(url) for url in cast("list[str]", value)]
        case ("treasury", "bridges", _, "url") if isinstance(value, str):
            return _masked_url(value)
        case ("signers" | "auditors" | "validators", _, "url" | "endpoint_url") if isinstance(
            value, str
        ):
            return _masked_url(value)
        case _:
            return value


def as_text(value: object) -> str:
    """Return a value as text."""
    match value:
        case bool():
            return str(value).lower()
        case []:
            return "none"
        case list():
            each_text = (
                each if isinstance(each, str) else json.dumps(each)
                for each in cast("list[object]", value)
            )
            return ", ".join(each_text)
        case None:
            return "not set"
        case _:
            return str(value)


def _leaves(value: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:  # noqa: ANN401 - JSON
    if isinstance(value, dict):
        for key, inner in cast("Tree", value).items():
            yield from _leaves(inner, (*path, key))
    else:
        yield path, value


def _masked_database(url: str) -> str:
    """Return a server URL without its password; options are masked too, as they may contain one."""
    if not url.startswith(POSTGRES_URL):
        return url
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    options = f"?{MASK}" if parts.query else ""
    return f"{POSTGRES_URL}{name}{f':{MASK}' if colon else ''}{at}{host}{parts.path}{options}"


def _masked_url(url: str) -> str:
    parts = urlsplit(url)
    _, at, host = parts.netloc.rpartition("@")
    user = f"{MASK}@" if at else ""
    secret = parts.path.strip("/") or parts.query or parts.fragment
    return f"{parts.scheme}://{user}{host}{f'/{MASK}' if secret else ''}"
