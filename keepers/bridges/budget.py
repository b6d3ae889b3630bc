"""How often a service may be asked, and for how long not at all after it has had enough."""

from __future__ import annotations

from collections import deque
from math import ceil

from keepers.bridges.dependencies import Clock
from keepers.model.errors.bridges import BridgeBusyError


class Budget:
    """At most so many requests in any second, shared by all who ask one service."""

    def __init__(self, clock: Clock, service: str, per_second: int) -> None:
        self._clock = clock
        self._service = service
        self._recent: deque[float] = deque(maxlen=per_second)
        self._closed_until = 0.0

    async def spend(self) -> None:
        """Wait until one more request is within the budget.

        Raises:
            BridgeBusyError: The service has closed itself to us for a while.
        """
        while True:
            now = self._clock.monotonic()
            if now < self._closed_until:
                raise BridgeBusyError(self._service, ceil(self._closed_until - now))
            wait = self._wait(now)
            if wait <= 0:
                self._recent.append(now)
                return
            await self._clock.sleep(wait)

    def close(self, seconds: int) -> BridgeBusyError:
        """The service has had enough: nothing is asked for a while; gives what to raise."""
        self._closed_until = self._clock.monotonic() + seconds
        return BridgeBusyError(self._service, seconds)

    def _wait(self, now: float) -> float:
        if len(self._recent) < (self._recent.maxlen or 1):
            return 0
        return self._recent[0] + 1 - now
