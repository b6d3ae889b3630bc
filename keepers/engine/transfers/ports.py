"""What a transfer needs of the world: a bridge."""

from __future__ import annotations

from typing import Protocol

from keepers.domain.bridging.crossing import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Initiation,
    Tracking,
)
from keepers.domain.bridging.effect import Effect


class Bridge(Protocol):
    """One way from chain to chain. Every method may raise a `BridgeError` or a `ChainError`."""

    @property
    def name(self) -> str:
        """The route's name on all chains."""
        ...

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """What to send so that so much arrives, and whether that is possible now."""
        ...

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Ask the bridge to carry what has left, where it must be asked.

        It calls `effect.record` right before anything happens. Asking again under the same key,
        after a failure or a restart, finds what was asked for.
        """
        ...

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Where it is. What contradicts the departure is stuck, what nobody says is pending."""
        ...

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """The proof for `receiveFromBridge`, looked at once more.

        Raises:
            ArrivedShortError: The treasury would refuse it.
        """
        ...

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """A sentence or two for people."""
        ...
