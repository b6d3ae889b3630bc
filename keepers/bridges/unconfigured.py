"""Bridge without a configured service: nothing is sent, and transfers under way wait."""

from __future__ import annotations

from typing import NoReturn

from keepers.bridges.explanation import explain
from keepers.model.bridges.values import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Tracking,
)
from keepers.model.errors.transfers import BridgeNotConfiguredError


class UnservedBridge:
    """The engine's `Bridge` whose every request fails with what to configure."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Raise `BridgeNotConfiguredError`, as the other requests do."""
        del request
        self._refuse()

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Refuse."""
        del departure, effect
        self._refuse()

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Refuse."""
        del departure, remote_id
        self._refuse()

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Refuse."""
        del departure, crossed
        self._refuse()

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Describe a state that was found while it was configured."""
        return explain(self.name, state)

    def _refuse(self) -> NoReturn:
        raise BridgeNotConfiguredError(self.name)
