"""Faults of a service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scripts.network.bridging.server import Fault, Hang, Reply

LONGEST_WAIT = 30


def down(status: int = 503) -> Fault:
    """Refused: the service does nothing and returns an error."""
    return lambda _: Reply(status, b"<html>unavailable</html>")


def answering(status: int, body: Any) -> Fault:  # noqa: ANN401 - any JSON, or bytes
    """Garbled: the service does nothing and returns something else."""
    return lambda _: Reply(status, body)


def silent(_: Callable[[], Reply]) -> Reply:
    """Silent: the service does nothing and does not respond."""
    raise Hang


def deaf_after(proper: Callable[[], Reply]) -> Reply:
    """Lost response: the service executes the request and does not respond."""
    proper()
    raise Hang


def failing_after(proper: Callable[[], Reply]) -> Reply:
    """False error: the service executes the request and returns an error."""
    proper()
    return Reply(502, b"<html>bad gateway</html>")


def lying(change: Callable[[Any], Any]) -> Fault:
    """Contradiction: the response differs from the facts."""

    def fault(proper: Callable[[], Reply]) -> Reply:
        reply = proper()
        return Reply(reply.status, change(reply.body), reply.headers)

    return fault


def slow(gate: threading.Event) -> Fault:
    """Delay: the service responds when the gate is opened."""

    def fault(proper: Callable[[], Reply]) -> Reply:
        gate.wait(LONGEST_WAIT)
        return proper()

    return fault
