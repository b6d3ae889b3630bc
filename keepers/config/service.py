"""Settings of the service: schedule, pages, time limits, notifications, recurring jobs."""

from __future__ import annotations

from decimal import Decimal
from ipaddress import ip_address
from typing import Annotated, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from keepers.config.values import (
    GWEI,
    AddressText,
    Positive,
    Seconds,
    Section,
    Text,
    WeiAmount,
)
from keepers.model.cron import Cron
from keepers.model.errors.run import CronError
from keepers.model.notice import Severity
from keepers.model.recurring import BASE_GAS, RecurringPolicy


def _cron(text: str) -> str:
    try:
        Cron(text)
    except CronError as error:
        raise ValueError(f"is not a schedule: {error.problem}") from error
    return text


def _listen(text: str) -> str:
    if address_of(text) is None:
        raise ValueError('must be an address and a port, as in "127.0.0.1:9464"')
    return text


def address_of(listen: str) -> tuple[str, int] | None:
    """Return the address and port of `127.0.0.1:9464` or `[::1]:9464`; None for any other text."""
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
            'must be an address of this machine only, as in "127.0.0.1:9465"; for access from '
            "other machines, use a proxy with TLS in front of it"
        )
    return text


def _is_here(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


CronText: TypeAlias = Annotated[str, AfterValidator(_cron)]
"""A cron text of five fields, in UTC."""

ListenText: TypeAlias = Annotated[str, AfterValidator(_listen)]
"""An address and a port; port 0 selects a free port."""

LocalListenText: TypeAlias = Annotated[str, AfterValidator(_here)]
"""An address that only this machine reaches, since nothing is encrypted."""


class ScheduleSettings(Section):
    """Schedule of each check."""

    daily: CronText = "0 0 * * *"
    weekly: CronText = "0 0 * * 1"
    threshold: CronText = "0 * * * *"
    liquidity: CronText = "*/5 * * * *"
    events: CronText = "*/5 * * * *"


class ServiceSettings(Section):
    """Behaviour of `ballast run` as a service."""

    listen: ListenText = "127.0.0.1:9464"
    heartbeat_seconds: Positive = 60
    look_seconds: Seconds = Decimal(2)
    retry_seconds: Seconds = Decimal(60)
    clock_lease_seconds: Positive = 5
    stop_seconds: Positive = 3


def _address(url: str) -> str:
    scheme, separator, rest = url.partition("://")
    plain = url.isprintable() and " " not in url
    if not (scheme and separator and rest and plain):
        raise ValueError("must be an Apprise URL, as in json://host/path")
    return url


Address = Annotated[str, AfterValidator(_address)]
"""A destination; any part of it may be a secret."""


class NotificationSettings(Section):
    """Destinations, and the minimum severity of a message."""

    urls: list[Address] = Field(default_factory=list[Address], repr=False)
    minimum_severity: Severity = Severity.INFO
    reminder_hours: Positive = 6


class RecurringSettings(Section):
    """Recurring rebalancers, with the vault whose chain, key and deployments file are used."""

    vault: Text | None = None
    due: CronText = "* * * * *"
    sweep: CronText = "*/10 * * * *"
    batch_size: Positive = Field(default=20, le=256)
    batch_gas: Positive = 15_000_000
    fix_gas: Positive = 500_000
    page_size: Positive = Field(default=500, le=5_000)
    maximum_fee_per_gas_wei: WeiAmount = 100 * GWEI
    sponsored: list[AddressText] = Field(default_factory=list[AddressText])

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.batch_gas < self.fix_gas + BASE_GAS:
            raise ValueError(f"batch_gas is below fix_gas and {BASE_GAS} for the transaction")
        return self

    def policy(self) -> RecurringPolicy:
        """Return the settings as the engine uses them."""
        return RecurringPolicy(
            batch_size=self.batch_size,
            batch_gas=self.batch_gas,
            fix_gas=self.fix_gas,
            maximum_price=self.maximum_fee_per_gas_wei,
            sponsored=frozenset(each.lower() for each in self.sponsored),
        )
