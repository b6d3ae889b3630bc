"""What a node can do wrong with one request, as functions that a test hands to a `FaultProxy`."""

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
    """An HTTP answer that is no JSON-RPC, with a status of its own."""

    status: int
    body: str = ""


@dataclass(frozen=True)
class Dropped:
    """No answer at all: the connection is closed."""


Outcome = Result | Failure | Page | Dropped
"""What the client sees of a request."""

Forward = Callable[[], Outcome]
"""Ask the real node; may be called once, more often, or never."""

Fault = Callable[[Forward], Outcome]
"""Makes the outcome of one request."""

ALREADY_KNOWN = Failure(-32000, "already known")
NONCE_TOO_LOW = Failure(-32000, "nonce too low")
UNDERPRICED = Failure(-32000, "replacement transaction underpriced")
"""In geth's words."""


def answer(outcome: Outcome) -> Fault:
    """The same to whatever is asked; the node is not asked."""

    def fault(forward: Forward) -> Outcome:
        del forward
        return outcome

    return fault


def error(code: int, message: str, data: object = None) -> Fault:
    """A JSON-RPC error; the node is not asked."""
    return answer(Failure(code, message, data))


def result(value: object) -> Fault:
    """A result of the test's choice; the node is not asked."""
    return answer(Result(value))


def page(status: int, body: str = "<html>Please try again later</html>") -> Fault:
    """An HTTP status with a body that need not be JSON; the node is not asked."""
    return answer(Page(status, body))


def drop(forward: Forward) -> Outcome:
    """The connection breaks before the node has seen the request."""
    del forward
    return Dropped()


def drop_reply(forward: Forward) -> Outcome:
    """The node does what is asked, and its answer is lost."""
    forward()
    return Dropped()


def reply_with(outcome: Outcome) -> Fault:
    """The node does what is asked, and something else is said about it."""

    def fault(forward: Forward) -> Outcome:
        forward()
        return outcome

    return fault


def altered(change: Callable[[Any], object]) -> Fault:
    """The node's result, changed; what is no result goes through as it is."""

    def fault(forward: Forward) -> Outcome:
        real = forward()
        return Result(change(real.value)) if isinstance(real, Result) else real

    return fault


def with_fields(**fields: object) -> Fault:
    """The node's block, receipt or transaction with some fields replaced; null stays null."""
    return altered(lambda value: None if value is None else {**value, **fields})


class Gate:
    """Holds requests, before the node sees them, until the test lets them go."""

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
        """Wait until so many requests stand at the gate."""
        with self._changed:
            come = self._changed.wait_for(lambda: self._held >= requests, timeout)
        assert come, f"{self._held} of {requests} requests have come in {timeout} s"

    def release(self) -> None:
        """Let all go, and those that come later pass at once."""
        with self._changed:
            self._is_open = True
            self._changed.notify_all()


def in_turn(faults: Sequence[Fault]) -> Fault:
    """One fault after the other, the last of them again and again."""
    rest = iter(faults[:-1])
    lock = threading.Lock()

    def fault(forward: Forward) -> Outcome:
        with lock:
            now = next(rest, faults[-1])
        return now(forward)

    return fault
