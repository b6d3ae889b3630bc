"""The long-running keeper: when it looks, where it answers, how patient it is."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator

from keepers.config.values import Positive, Seconds, Section
from keepers.model.cron import Cron
from keepers.model.errors.service import CronError


def _cron(text: str) -> str:
    try:
        Cron(text)
    except CronError as error:
        raise ValueError(f"is no schedule: {error.problem}") from error
    return text


def _listen(text: str) -> str:
    if address_of(text) is None:
        raise ValueError('must be an address and a port, as in "127.0.0.1:9464"')
    return text


def address_of(listen: str) -> tuple[str, int] | None:
    """Address and port of `127.0.0.1:9464` or `[::1]:9464`; None if it is neither."""
    try:
        parts = urlsplit(f"//{listen}")
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    plain = not (parts.path or parts.query or parts.fragment or parts.username)
    return (host, port) if plain and host and port is not None else None


def _here(text: str) -> str:
    found = address_of(_listen(text))
    if found is None or not _is_here(found[0]):
        raise ValueError(
            'must be an address of this machine alone, as in "127.0.0.1:9465"; where others are to '
            "reach it, put a proxy before it that speaks TLS"
        )
    return text


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


CronText: TypeAlias = Annotated[str, AfterValidator(_cron)]
"""Five fields, in UTC."""

ListenText: TypeAlias = Annotated[str, AfterValidator(_listen)]
"""An address and a port; 0 is a free one."""

LocalListenText: TypeAlias = Annotated[str, AfterValidator(_here)]
"""The same, reached from this machine alone: what passes there is not encrypted."""


class ScheduleSettings(Section):
    """When each check is made."""

    daily: CronText = "0 0 * * *"
    weekly: CronText = "0 0 * * 1"
    threshold: CronText = "0 * * * *"
    liquidity: CronText = "*/5 * * * *"
    events: CronText = "*/5 * * * *"


class ServiceSettings(Section):
    """How `ballast run` behaves as a service."""

    listen: ListenText = "127.0.0.1:9464"
    heartbeat_seconds: Positive = 60
    look_seconds: Seconds = Decimal(2)
    retry_seconds: Seconds = Decimal(60)
    clock_lease_seconds: Positive = 5
    stop_seconds: Positive = 3
