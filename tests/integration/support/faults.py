"""Faults of a node for one request, as functions that a test passes to a `FaultProxy`."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

PATIENCE = 60.0
"""Seconds until a wait fails. Long, because it is a limit for broken tests and slow machines."""


@dataclass(frozen=True)
class Result:
    """A JSON-RPC result."""

    value: Any


@dataclass(frozen=True)
class Failure:
    """A JSON-RPC error."""

    code: int
    message: str
    data: object = None


@dataclass(frozen=True)
class Page:
    """HTTP response that is not JSON-RPC, with its own status."""

    status: int
    body: str = ""


@dataclass(frozen=True)
class Dropped:
    """No response: the connection is closed."""


Outcome = Result | Failure | Page | Dropped
"""Result of a request, as the client sees it."""

Forward = Callable[[], Outcome]
"""Function that asks the real node; may be called once, more often, or never."""

Fault = Callable[[Forward], Outcome]
"""Function that makes the outcome of one request."""

ALREADY_KNOWN = Failure(-32000, "already known")
NONCE_TOO_LOW = Failure(-32000, "nonce too low")
UNDERPRICED = Failure(-32000, "replacement transaction underpriced")
"""Errors in geth's words."""


def answer(outcome: Outcome) -> Fault:
    """Return a fault with the same outcome for every request; the node is not asked."""

    def fault(forward: Forward) -> Outcome:
        del forward
        return outcome

    return fault


def error(code: int, message: str, data: object = None) -> Fault:
    """Return a fault with a JSON-RPC error; the node is not asked."""
    return answer(Failure(code, message, data))


def result(value: object) -> Fault:
    """Return a fault with a given result; the node is not asked."""
    return answer(Result(value))


def page(status: int, body: str = "<html>Please try again later</html>") -> Fault:
    """Return a fault with an HTTP status and a body of any format; the node is not asked."""
    return answer(Page(status, body))


def drop(forward: Forward) -> Outcome:
    """Break the connection before the node has seen the request."""
    del forward
    return Dropped()


def drop_reply(forward: Forward) -> Outcome:
    """Let the node execute the request, and lose its response."""
    forward()
    return Dropped()


def reply_with(outcome: Outcome) -> Fault:
    """Return a fault: the node executes the request, and another outcome is reported."""

    def fault(forward: Forward) -> Outcome:
        forward()
        return outcome

    return fault


def altered(change: Callable[[Any], object]) -> Fault:
    """Return a fault that changes the node's result; other outcomes pass unchanged."""

    def fault(forward: Forward) -> Outcome:
        real = forward()
        return Result(change(real.value)) if isinstance(real, Result) else real

    return fault


def with_fields(**fields: object) -> Fault:
    """Return a fault that replaces fields of the node's result; null stays null."""
    return altered(lambda value: None if value is None else {**value, **fields})


class Gate:
    """Fault that holds requests before the node sees them, until the test releases them."""

    def __init__(self, then: Fault | None = None) -> None:
        self._then = then
        self._held = 0
        self._is_open = False
        self._changed = threading.Condition()

    def __call__(self, forward: Forward) -> Outcome:
        with self._changed:
            self._held += 1
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_open, PATIENCE)
            self._held -= 1
        return self._then(forward) if self._then else forward()

    def wait_until_held(self, requests: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until this many requests are held."""
        with self._changed:
            come = self._changed.wait_for(lambda: self._held >= requests, timeout)
        assert come, f"{self._held} of {requests} requests have come in {timeout} s"

    def release(self) -> None:
        """Release all held requests; later ones pass at once."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()


def in_turn(faults: Sequence[Fault]) -> Fault:
    """Return a fault that applies faults one after the other, and repeats the last one."""
    rest = iter(faults[:-1])
    lock = threading.Lock()

    def fault(forward: Forward) -> Outcome:
        with lock:
            now = next(rest, faults[-1])
        return now(forward)

    return fault
