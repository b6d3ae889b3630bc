"""Local webhook that Apprise posts to, and that can misbehave on request."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.integration.support.server import DropConnection, serving

KEY = "hunter2-T0ken"
"""Part of the address, and a secret."""


@dataclass
class Webhook:
    """Received messages and the response.

    Attributes:
        status: Status of the response.
        drops: Whether it closes connections instead.
        gate: Event that a response waits for.
        asked: Set after the first request.
    """

    got: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    status: int = 200
    drops: bool = False
    gate: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def answer(self, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Answer a request; store only an accepted message."""
        del headers
        self.asked.set()
        self.gate.wait(30)
        if self.drops:
            raise DropConnection
        if self.status == 200:
            self.got.append(json.loads(body))
        return self.status, b"{}"

    @property
    def titles(self) -> list[str]:
        return [each["title"] for each in self.got]


@contextmanager
def webhook() -> Generator[Webhook]:
    """A running webhook."""
    made = Webhook()
    made.gate.set()
    with serving(made.answer) as url:
        made.url = f"{url.replace('http', 'json', 1)}/{KEY}"
        try:
            yield made
        finally:
            made.gate.set()
