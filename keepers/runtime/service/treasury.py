"""The keeper of the treasuries: balances are looked at by the clock, transfers go on between."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager

import structlog

from keepers.config import Settings
from keepers.model.cron import Cron
from keepers.model.errors.transaction import LeaseHeldError
from keepers.model.tick import Tick, TickResult
from keepers.model.transfer_record import TREASURY
from keepers.runs.schedule.ports import Kept, Schedule, Watch
from keepers.runtime.process.database import KeeperAlreadyRunningError
from keepers.runtime.service.owner_loop import KeeperFactory
from keepers.runtime.treasury.runtime import TreasuryWork, treasury_working
from keepers.telemetry.metrics import Metrics
from keepers.transfers.inventory.approved_batches import tend_inventory
from keepers.transfers.inventory.dependencies import Leftover
from keepers.transfers.inventory.scheduled_check import check_inventory
from keepers.transfers.machine.machine import advance_while_moving

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class TreasuryKeeper:
    """The treasuries as the service keeps them."""

    name = TREASURY

    def __init__(self, settings: Settings, work: TreasuryWork) -> None:
        self._settings = settings
        self._work = work
        self._left: dict[str, str] = {}

    def checks(self, watch: Watch) -> tuple[Schedule, ...]:
        """One: the inventory."""
        del watch
        cron = Cron(self._work.setup.treasury.check)
        return (Schedule("inventory", cron, self._check),)

    async def resume_open(self) -> None:
        """Bring everything on that is under way: instructions, approvals, transfers."""
        self._work.gauge.tended(self._work.inventory)
        if not self._work.armed:
            return
        # What is under way comes first: nothing that is asked for anew may hold it up.
        await advance_while_moving(self._work.world)
        await tend_inventory(self._work.inventory)
        await advance_while_moving(self._work.world)

    async def _check(self, tick: Tick) -> TickResult:
        del tick
        found = await check_inventory(self._work.inventory, armed=self._work.armed)
        await self._work.gauge.checked(self._work.inventory)
        for each in found.batches:
            _log.info("batch", batch=each.batch_id, state=each.state, reason=each.reason)
        self._tell(found.leftovers)
        return TickResult(None, found.text, is_warning=bool(found.leftovers))

    def _tell(self, leftovers: Sequence[Leftover]) -> None:
        """Log what is left as it is when it changes; each check says all of it in one line."""
        now = {each.key: each.text for each in leftovers}
        for key, text in now.items():
            if self._left.get(key) != text:
                _log.warning("left_as_it_is", about=key, text=text)
        for key in self._left.keys() - now.keys():
            _log.info("no_longer_left", about=key)
        self._left = now


def treasury_keepers(metrics: Metrics, others: KeeperFactory, *, arm: bool) -> KeeperFactory:
    """Return the factory of the treasuries' keeper, and by `others` of vaults' keepers."""

    @asynccontextmanager
    async def make(settings: Settings, name: str) -> AsyncGenerator[Kept]:
        if name != TREASURY:
            async with others(settings, name) as keeper:
                yield keeper
            return
        try:
            async with treasury_working(settings, arm=arm, progress=_say, metrics=metrics) as work:
                work.acquire()  # who has the clock and not the transfers stands by as well
                yield TreasuryKeeper(settings, work)
        except KeeperAlreadyRunningError as error:
            raise LeaseHeldError(error.what, "another process of this machine") from error

    return make


def _say(line: str, /) -> None:
    _log.info("progress", text=line)
