"""The bridge of whoever only looks at chains and at what is remembered."""

from __future__ import annotations

from collections.abc import Mapping

from keepers.bridges.unconfigured import UnservedBridge
from keepers.model.bridges.values import Departure, Pending, Tracking, Wait
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.transfers.machine.ports import Bridge


class UnaskedBridge(UnservedBridge):
    """The engine's `Bridge` that asks nobody: what is with it counts with what must arrive."""

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """On its way."""
        del departure, remote_id
        return Pending(Wait.PROCESSING, "the bridge was not asked")


def unasked(setup: TreasurySetup) -> Mapping[str, Bridge]:
    """One for each route of the treasuries, by its name."""
    routes = {route.name for each in setup.chains.values() for route in each.deployment.routes}
    return {name: UnaskedBridge(name) for name in routes}
