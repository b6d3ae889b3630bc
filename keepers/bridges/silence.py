"""Silence of a service: after a request without an answer it is left alone for a while.

Whoever asks the service next, for whichever lane, then waits no second time. A time-out counts only
if the service has answered nothing since that request began: one that answers others is not away.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from math import inf

from keepers.model.errors.bridges import BridgeUnreachableError


@dataclass(slots=True)
class Silence:
    """Silence of one service, shared by all who ask it."""

    monotonic: Callable[[], float] = time.monotonic
    _until: float = -inf
    _answered: float = -inf

    def begin(self, service: str) -> float:
        """When a request begins, which is now.

        Raises:
            BridgeUnreachableError: The service is left alone now.
        """
        now = self.monotonic()
        if now < self._until:
            wait = int(self._until - now) + 1
            problem = f"no answer in time to the last request; asked again in {wait} s"
            raise BridgeUnreachableError(service, problem)
        return now

    def answered(self) -> None:
        """Note an answer, whatever it says: the service is there."""
        self._answered = self.monotonic()
        self._until = -inf

    def timed_out(self, begun: float, seconds: float) -> None:
        """Note a request without an answer; `seconds` is how long the service is left alone."""
        if self._answered < begun:
            self._until = self.monotonic() + seconds
