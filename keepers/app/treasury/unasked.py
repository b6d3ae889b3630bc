"""The bridge of whoever only looks at chains and at what is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from keepers.adapters.bridges.explaining import explain
from keepers.app.treasury.setup import TreasurySetup
from keepers.domain.bridging.crossing import (
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Initiation,
    Pending,
    Tracking,
    Wait,
)
from keepers.domain.bridging.effect import Effect
from keepers.domain.errors_treasury import BridgeNotConfiguredError
from keepers.engine.transfers.ports import Bridge


class UnaskedBridge:
    """The engine's `Bridge` that asks nobody: what is with it counts with what must arrive."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Raises `BridgeNotConfiguredError`, as all but `track` and `explain`."""
        del request
        self._refuse()

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Nothing is asked of anybody."""
        del departure, effect
        self._refuse()

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """On its way."""
        del departure, remote_id
        return Pending(Wait.PROCESSING, "the bridge was not asked")

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Nothing is proven."""
        del departure, crossed
        self._refuse()

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """As the others say it."""
        return explain(self.name, state)

    def _refuse(self) -> NoReturn:
        raise BridgeNotConfiguredError(self.name)


def unasked(setup: TreasurySetup) -> Mapping[str, Bridge]:
    """One for each route of the treasuries, by its name."""
    routes = {route.name for each in setup.chains.values() for route in each.deployment.routes}
    return {name: UnaskedBridge(name) for name in routes}
