"""Destinations in memory, and reads of the outbox."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from keepers.model.notice import Message, Notice, Severity
from keepers.notifications.destination import title_of
from keepers.notifications.sender import Delivered, DeliveryPolicy, NotificationSender
from keepers.store.database import Database
from keepers.store.messages import claim_message, note_delivery
from keepers.store.tables import notifications


def notice(
    text: str = "L1 is empty", severity: Severity = Severity.WARNING, key: str = "vault:main"
) -> Notice:
    return Notice(key=key, severity=severity, title=f"about {key}", text=text)


@dataclass
class Paper:
    """Destination that keeps messages, or refuses them with a reason."""

    url: str
    got: list[Message] = field(default_factory=list[Message])
    refuses: str | None = None
    before: Callable[[], None] = lambda: None

    @property
    def name(self) -> str:
        return self.url

    @property
    def shown(self) -> str:
        return "paper://***"

    @property
    def texts(self) -> list[str]:
        return [message.text for message in self.got]

    @property
    def titles(self) -> list[str]:
        return [title_of(message) for message in self.got]

    def send(self, message: Message) -> str | None:
        self.before()
        if self.refuses is None:
            self.got.append(message)
        return self.refuses


class Outbox:
    """Sender with two destinations, `a` and `b`, and the rows of its outbox."""

    def __init__(self, ledger: Database) -> None:
        self.ledger = ledger
        self.a, self.b = Paper("a"), Paper("b")

    def deliver(self, *urls: str, **policy: Any) -> Delivered:
        sender = self.sender(*(urls or ("a", "b")), **policy)
        return asyncio.run(sender.deliver())

    def sender(self, *urls: str, **policy: Any) -> NotificationSender:
        made = {"a": self.a, "b": self.b}
        return NotificationSender(
            self.ledger,
            urls=urls,
            policy=DeliveryPolicy(**policy),
            make=lambda chosen: tuple(made[url] for url in chosen),
        )

    def claim(self, *names: str, seconds: float = 10) -> Message:
        """Claim a message as a sender does."""
        claim = timedelta(seconds=seconds)
        found = self.ledger.transact("claim", lambda w: claim_message(w, names, claim))
        assert found is not None
        return found

    def note(self, message: Message, *, delivered: list[str], error: str | None = None) -> str:
        """Record a delivery as a sender with both destinations does."""
        retry = timedelta(seconds=10)
        return self.ledger.transact(
            "note",
            lambda w: note_delivery(w, message, "ab", delivered, error=error, retry=retry),
        )

    def rows(self) -> list[dict[str, Any]]:
        query = select(notifications).order_by(notifications.c.notification_id)
        with self.ledger.reading() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]

    def column(self, name: str) -> list[Any]:
        return [row[name] for row in self.rows()]
