"""What the keeper of the treasuries measures, beside its work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction

from keepers.model.transfer import TransferStage
from keepers.model.transfer_record import TransferRecord
from keepers.runtime.treasury.offline_bridge import unasked
from keepers.runtime.treasury.setup import TreasurySetup
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.treasuries import (
    observe_check,
    observe_inventory,
    observe_under_way,
)
from keepers.transfers.inventory.dependencies import InventoryWorld
from keepers.transfers.inventory.snapshot import look_at_all
from keepers.transfers.machine.in_flight import is_overdue

SAMPLE_SECONDS = 15.0
"""How often the database is asked what is under way."""


@dataclass(slots=True)
class TreasuryGauge:
    """Measures treasuries; what cannot be read now stays as it was."""

    metrics: Metrics
    setup: TreasurySetup
    _sampled_at: float | None = None

    async def checked(self, world: InventoryWorld) -> None:
        """After a check: every chain is read once more, and no bridge is asked.

        Raises:
            JournalUnavailable: The database cannot be read.
        """
        machine = replace(world.machine, bridges=unasked(self.setup))
        snapshot = await look_at_all(replace(world, machine=machine))
        observe_inventory(self.metrics, world.settings, snapshot)
        observe_check(self.metrics, world.machine.clock.now())
        self.sample(world)

    def tended(self, world: InventoryWorld) -> None:
        """Between checks: what is under way, now and then."""
        now = world.machine.clock.monotonic()
        if self._sampled_at is None or now - self._sampled_at >= SAMPLE_SECONDS:
            self.sample(world)

    def sample(self, world: InventoryWorld) -> None:
        """What is under way."""
        self._sampled_at = world.machine.clock.monotonic()
        store, now = world.transfers, world.transfers.now()
        transfers = store.unsettled()
        late = {each.transfer_id for each in transfers if _is_late(each, now)}
        observe_under_way(self.metrics, transfers, store.live_batches(), now, late)


def _is_late(record: TransferRecord, now: datetime) -> bool:
    if record.place.stage is not TransferStage.CROSS:
        return False
    return is_overdue(record.moved_at, now, Fraction(record.new.seconds))
