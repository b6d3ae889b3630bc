"""Faults of a service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from scripts.network.bridging.server import Fault, Hang, Reply

LONGEST_WAIT = 30


def down(status: int = 503) -> Fault:
    """It does nothing, and says so."""
    return lambda _: Reply(status, b"<html>unavailable</html>")


def answering(status: int, body: Any) -> Fault:  # noqa: ANN401 - any JSON, or bytes
    """It does nothing, and answers something else."""
    return lambda _: Reply(status, body)


def silent(_: Callable[[], Reply]) -> Reply:
    """It does nothing, and does not answer."""
    raise Hang


def deaf_after(proper: Callable[[], Reply]) -> Reply:
    """It does what it was asked for, and does not answer."""
    proper()
    raise Hang


def failing_after(proper: Callable[[], Reply]) -> Reply:
    """It does what it was asked for, and says that it failed."""
    proper()
    return Reply(502, b"<html>bad gateway</html>")


def lying(change: Callable[[Any], Any]) -> Fault:
    """It answers something that differs from what is."""

    def fault(proper: Callable[[], Reply]) -> Reply:
        reply = proper()
        return Reply(reply.status, change(reply.body), reply.headers)

    return fault


def slow(gate: threading.Event) -> Fault:
    """It answers when the gate is opened."""

    def fault(proper: Callable[[], Reply]) -> Reply:
        gate.wait(LONGEST_WAIT)
        return proper()

    return fault
