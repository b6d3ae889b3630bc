"""The notifier and the courier, as the settings have them."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from keepers.config import Settings
from keepers.model.errors import BallastError
from keepers.model.errors.service import UnusableDestinationError
from keepers.model.notice import Notice
from keepers.model.ports import Notifier
from keepers.notifications.notifier import SqlNotifier
from keepers.notifications.policy import CourierPolicy
from keepers.notifications.sender import Courier
from keepers.store.sending.transact import Ledger
from keepers.telemetry.redaction import REDACTOR


def notifier_of(settings: Settings, ledger: Ledger) -> Notifier:
    """Who writes messages down; what nobody is to get, the courier leaves out."""
    del settings
    return SqlNotifier(ledger)


class Unheard:
    """The notifier of a keeper that only looks: nobody is told anything."""

    def report(self, notice: Notice) -> None:
        """Drop it."""

    def recovered(self, key: str, text: str) -> None:
        """Drop it."""


def courier_of(settings: Settings, ledger: Ledger) -> Courier:
    """Who sends them.

    Raises:
        UnusableDestinationError: An address is none that Apprise understands.
    """
    told = settings.notifications
    for url in told.urls:
        REDACTOR.hide(url)
    policy = CourierPolicy(
        minimum_severity=told.minimum_severity, reminder_hours=told.reminder_hours
    )
    return Courier(ledger, urls=told.urls, policy=policy)


@asynccontextmanager
async def delivering(settings: Settings, ledger: Ledger, *, armed: bool) -> AsyncGenerator[None]:
    """Messages leave at the end, of work that failed too: they say why.

    Work that is done does not fail by them: an address that is no destination is logged.
    """
    failed: BallastError | None = None
    try:
        yield
    except BallastError as error:
        failed = error
    if armed and settings.notifications.urls:
        try:
            await courier_of(settings, ledger).deliver()
        except UnusableDestinationError as error:
            structlog.get_logger().error("messages_not_sent", reason=str(error))
    if failed is not None:
        raise failed
