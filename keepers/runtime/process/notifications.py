"""Notifier and notification sender, as configured."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from keepers.config import Settings
from keepers.model.errors import BallastError
from keepers.model.errors.run import UnusableDestinationError
from keepers.model.notice import Notice
from keepers.model.ports import Notifier
from keepers.notifications.notifier import SqlNotifier
from keepers.notifications.sender import DeliveryPolicy, NotificationSender
from keepers.store.database import Database
from keepers.telemetry.redaction import REDACTOR


def notifier_of(settings: Settings, database: Database) -> Notifier:
    """Return the notifier; notices are filtered on delivery."""
    del settings
    return SqlNotifier(database)


class NullNotifier:
    """Notifier that drops every notice; used by a keeper that is not armed."""

    def report(self, notice: Notice) -> None:
        """Drop the notice."""

    def recovered(self, key: str, text: str) -> None:
        """Drop the notice."""


def notification_sender_of(settings: Settings, database: Database) -> NotificationSender:
    """Return the sender of messages.

    Raises:
        UnusableDestinationError: Apprise does not understand an address.
    """
    wanted = settings.notifications
    for url in wanted.urls:
        REDACTOR.hide(url)
    policy = DeliveryPolicy(
        minimum_severity=wanted.minimum_severity, reminder_hours=wanted.reminder_hours
    )
    return NotificationSender(database, urls=wanted.urls, policy=policy)


@asynccontextmanager
async def delivering(
    settings: Settings, database: Database, *, armed: bool
) -> AsyncGenerator[None]:
    """Send messages at the end, even if the work failed.

    A failed delivery does not fail finished work: an unusable destination is logged.
    """
    failed: BallastError | None = None
    try:
        yield
    except BallastError as error:
        failed = error
    if armed and settings.notifications.urls:
        try:
            await notification_sender_of(settings, database).deliver()
        except UnusableDestinationError as error:
            structlog.get_logger().error("messages_not_sent", reason=str(error))
    if failed is not None:
        raise failed
