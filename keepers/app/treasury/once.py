"""The treasuries, looked after once: what is under way is brought on until bridges have it."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.adapters.telemetry.metrics import Metrics
from keepers.app.settings import Settings
from keepers.app.treasury.working import treasury_working
from keepers.domain.transfer_record import TransferRecord
from keepers.engine.ports import Progress
from keepers.engine.transfers.keeping import advance_until_bridged


async def bring_on(
    settings: Settings, *, arm: bool, say: Progress, metrics: Metrics | None = None
) -> Sequence[TransferRecord]:
    """Bring on what is under way, if armed; answers the transfers that have not ended.

    Raises:
        KeeperAlreadyRunningError, LeaseHeld: Another keeper works for the treasuries.
    """
    async with treasury_working(settings, arm=arm, say=say, metrics=metrics) as work:
        if work.armed:
            poll = min(
                float(each.chain.poll_interval_seconds) for each in work.setup.chains.values()
            )
            await advance_until_bridged(work.world, poll_seconds=poll)
        unsettled = work.world.transfers.unsettled()
    return [each for each in unsettled if not each.has_ended]
