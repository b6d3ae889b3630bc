"""Requests to a proxy and its responses, for assertions and waits."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from tests.integration.support.faults import PATIENCE, Outcome
from tests.integration.support.upstream import SEND

_numbers = count(1)


@dataclass
class Call:
    """One request; numbers rise over all proxies, and `outcome` is None until it is answered."""

    number: int
    method: str
    params: list[Any]
    outcome: Outcome | None = None
    forwarded: bool = False


@dataclass(eq=False)
class CallRecord:
    """Requests of one proxy; may be used while requests are in progress."""

    _calls: list[Call] = field(default_factory=list[Call], init=False)
    _changed: threading.Condition = field(default_factory=threading.Condition, init=False)

    @property
    def calls(self) -> tuple[Call, ...]:
        """All requests so far, in order of arrival."""
        with self._changed:
            return tuple(self._calls)

    def asked(self, method: str) -> int:
        """Return the number of requests for a method."""
        return sum(call.method == method for call in self.calls)

    @property
    def sent(self) -> tuple[str, ...]:
        """Raw transactions that were submitted, whatever their outcome."""
        return tuple(call.params[0] for call in self.calls if call.method == SEND)

    def forget(self) -> None:
        """Start a new record."""
        with self._changed:
            self._calls.clear()

    def wait_for(
        self, predicate: Callable[[Sequence[Call]], bool], timeout: float = PATIENCE
    ) -> None:
        """Wait until a predicate of the record holds; evaluated after each request and response."""
        with self._changed:
            happened = self._changed.wait_for(lambda: predicate(self._calls), timeout)
            last = "\n".join(f"  {call}" for call in self._calls[-20:])
        assert happened, f"it did not happen in {timeout} s; the last calls:\n{last}"

    def wait_until_asked(self, method: str, times: int = 1, timeout: float = PATIENCE) -> None:
        """Wait until this many requests for a method were answered."""

        def enough(calls: Sequence[Call]) -> bool:
            done = [each for each in calls if each.method == method and each.outcome is not None]
            return len(done) >= times

        self.wait_for(enough, timeout)

    def begin(self, method: str, params: list[Any]) -> Call:
        """Record a request."""
        with self._changed:
            call = Call(next(_numbers), method, params)
            self._calls.append(call)
            self._changed.notify_all()
        return call

    def end(self, call: Call, outcome: Outcome) -> None:
        """Record the outcome of a request."""
        with self._changed:
            call.outcome = outcome
            self._changed.notify_all()
