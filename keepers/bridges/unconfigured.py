"""A route whose service is not configured: nothing is sent by it, and what is under way waits."""

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
    """The engine's `Bridge` that says what to configure, and nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Raises `BridgeNotConfiguredError`, as the others."""
        del request
        self._refuse()

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Nothing is asked of anybody."""
        del departure, effect
        self._refuse()

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Nothing is known."""
        del departure, remote_id
        self._refuse()

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Nothing is proven."""
        del departure, crossed
        self._refuse()

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """What was found while it was configured."""
        return explain(self.name, state)

    def _refuse(self) -> NoReturn:
        raise BridgeNotConfiguredError(self.name)
