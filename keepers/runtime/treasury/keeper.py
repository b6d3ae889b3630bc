"""Keeper of the treasuries: checks balances on schedule and advances transfers in between."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import structlog

from keepers.config import Settings
from keepers.model.cron import Cron
from keepers.model.tick import Tick, TickResult
from keepers.model.transfer_record import TREASURY
from keepers.runs.schedule.ports import Offer, Schedule, Watch
from keepers.runtime.process.database import locks_as_leases
from keepers.runtime.treasury.leftover_log import LeftoverLog
from keepers.runtime.treasury.runtime import TreasuryRuntime, treasury_runtime
from keepers.telemetry.metrics import Metrics
from keepers.transfers.inventory.approved_batches import advance_inventory
from keepers.transfers.inventory.scheduled_check import check_inventory
from keepers.transfers.machine.machine import advance_while_moving

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class TreasuryKeeper:
    """Keeper of the treasuries, for the service."""

    name = TREASURY

    def __init__(self, runtime: TreasuryRuntime) -> None:
        self._runtime = runtime
        self._leftovers = LeftoverLog()

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """Return the check of the inventory."""
        del watch
        cron = Cron(self._runtime.setup.treasury.check)
        return (Schedule("inventory", cron, self._check),)

    async def resume_open(self) -> None:
        """Advance all unfinished instructions, approvals and transfers."""
        self._runtime.gauge.measure_between(self._runtime.inventory)
        if not self._runtime.armed:
            return
        # Unfinished transfers come first, so that no new request can delay them.
        await advance_while_moving(self._runtime.machine)
        await advance_inventory(self._runtime.inventory)
        await advance_while_moving(self._runtime.machine)

    async def _check(self, tick: Tick) -> TickResult:
        del tick
        found = await check_inventory(self._runtime.inventory, armed=self._runtime.armed)
        await self._runtime.gauge.measure_check(self._runtime.inventory)
        for each in found.batches:
            _log.info("batch", batch=each.batch_id, state=each.state, reason=each.reason)
        self._leftovers.update(found.leftovers)
        return TickResult(
            None, found.text, is_warning=any(not each.is_note for each in found.leftovers)
        )


@asynccontextmanager
async def treasury_keeper(
    settings: Settings, metrics: Metrics, *, arm: bool
) -> AsyncGenerator[TreasuryKeeper]:
    """Open the keeper of the treasuries.

    Raises:
        LeaseHeldError: Another keeper works for the treasuries.
    """
    with locks_as_leases():
        async with treasury_runtime(settings, arm=arm, progress=_say, metrics=metrics) as runtime:
            runtime.acquire()  # without the transfers' lease, a keeper stands by as well
            yield TreasuryKeeper(runtime)


class NoWatch:
    """Watch without events."""

    async def poll(self) -> Offer:
        """Return no events."""
        return Offer()


def _say(line: str, /) -> None:
    _log.info("progress", text=line)
