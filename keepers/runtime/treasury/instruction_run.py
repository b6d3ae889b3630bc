"""An instruction followed to its end: by this process, or while a keeper carries it out."""

from __future__ import annotations

from collections.abc import Callable

from keepers.config import Settings
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.json_document import Json
from keepers.model.ports import Progress
from keepers.runtime.process.database import KeeperAlreadyRunningError
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.read_only import treasury_reading
from keepers.runtime.treasury.runtime import treasury_working
from keepers.runtime.treasury.single_pass import bring_on
from keepers.transfers.inventory.instructions import explain_instruction

LOOK_SECONDS = 1.0
"""How often a keeper's progress is looked at."""

LOOKS = 10
"""After so many looks it is tried again whether a keeper still works."""

ANOTHER = (KeeperAlreadyRunningError, LeaseHeldError, StaleLeaseError)

HasEnded = Callable[[], bool]
"""Tells progress, and whether there will be no more."""


async def explain(settings: Settings, text: str) -> dict[str, Json]:
    """What an instruction would do now, as `explain_instruction`; a keeper may work beside.

    Raises:
        InputError: The instruction cannot be read.
        ChainError: A chain cannot be asked.
    """
    async with treasury_reading(settings, with_bridges=True) as seen:
        return await explain_instruction(seen.inventory, text)


async def bring_to_end(settings: Settings, has_ended: HasEnded, progress: Progress) -> None:
    """Carry out what waits until something has ended; follow it while another keeper works.

    Args:
        settings: The settings in force.
        has_ended: Asked after every pass.
        progress: Where progress of the machine goes.
    """
    while not has_ended():
        try:
            await _carry(settings, has_ended, progress)
        except ANOTHER:
            await _follow(has_ended)


async def _carry(settings: Settings, has_ended: HasEnded, progress: Progress) -> None:
    async with treasury_working(settings, arm=True, progress=progress) as work:
        while True:
            await bring_on(work)
            if has_ended():
                return
            await work.world.clock.sleep(work.poll_seconds)


async def _follow(has_ended: HasEnded) -> None:
    clock = SystemClock()
    for _ in range(LOOKS):
        await clock.sleep(LOOK_SECONDS)
        if has_ended():
            return
