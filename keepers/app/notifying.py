"""The notifier and the courier, as the settings have them."""

from __future__ import annotations

from keepers.adapters.notify.courier import Courier
from keepers.adapters.notify.notifier import SqlNotifier
from keepers.adapters.notify.policy import CourierPolicy
from keepers.adapters.store.ledger.transact import Ledger
from keepers.adapters.telemetry.redaction import REDACTOR
from keepers.app.settings import Settings
from keepers.domain.notice import Notice
from keepers.engine.ports import Notifier


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
        UnusableDestination: An address is none that Apprise understands.
    """
    told = settings.notifications
    for url in told.urls:
        REDACTOR.hide(url)
    policy = CourierPolicy(
        minimum_severity=told.minimum_severity, reminder_hours=told.reminder_hours
    )
    return Courier(ledger, urls=told.urls, policy=policy)
