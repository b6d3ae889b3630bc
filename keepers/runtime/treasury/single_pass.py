"""The treasuries, looked after once: what is asked for is begun, and brought on to the bridges."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.config import Settings
from keepers.model.batch import BatchRecord
from keepers.model.ports import Progress
from keepers.model.transfer_record import TransferRecord
from keepers.runtime.treasury.runtime import TreasuryWork, treasury_working
from keepers.telemetry.metrics import Metrics
from keepers.transfers.inventory.approved_batches import tend_inventory
from keepers.transfers.inventory.dependencies import Leftover
from keepers.transfers.inventory.scheduled_check import check_inventory
from keepers.transfers.machine.machine import advance_until_bridged


@dataclass(frozen=True, slots=True)
class LookedAfter:
    """What one look has come to.

    Attributes:
        batches: Those that it made.
        under_way: Transfers that have not ended.
        leftovers: What is triggered and was not done, or could not be looked at.
    """

    batches: tuple[BatchRecord, ...]
    under_way: tuple[TransferRecord, ...]
    leftovers: tuple[Leftover, ...]


async def look_after(
    settings: Settings, *, arm: bool, progress: Progress, metrics: Metrics | None = None
) -> LookedAfter:
    """Bring on what is under way, take instructions, check balances, and bring that on too.

    Not armed, balances are looked at, and what would be done is kept as a dry run.

    Raises:
        KeeperAlreadyRunningError, LeaseHeldError: Another keeper works for the treasuries.
    """
    async with treasury_working(settings, arm=arm, progress=progress, metrics=metrics) as work:
        store = work.world.transfers
        known = {each.batch_id for each in store.batches(None)}
        if work.armed:
            await bring_on(work)
        checked = await check_inventory(work.inventory, armed=work.armed)
        if work.armed:
            await bring_on(work)
        await work.gauge.checked(work.inventory)
        made = [each for each in store.batches(None) if each.batch_id not in known]
        left = [each for each in store.unsettled() if not each.has_ended]
    return LookedAfter(tuple(reversed(made)), tuple(left), checked.leftovers)


async def bring_on(work: TreasuryWork) -> None:
    """What is approved begins, instructions are taken up, transfers go on to their bridges."""
    while await tend_inventory(work.inventory):
        pass
    await advance_until_bridged(work.world, poll_seconds=work.poll_seconds)
