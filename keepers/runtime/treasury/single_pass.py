"""Passes over the treasuries: one, or as many as an instruction needs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keepers.config import Settings
from keepers.model.batch import BatchRecord, BatchState
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.json_document import Json
from keepers.model.ports import Progress
from keepers.model.transfer_record import TransferRecord
from keepers.reports.amounts import one_line
from keepers.reports.transfer_document import batch_brief, transfer_brief
from keepers.runtime.process.database import KeeperAlreadyRunningError
from keepers.runtime.process.owner import PassSummary
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.runtime import (
    TreasuryRuntime,
    treasury_reading,
    treasury_runtime,
)
from keepers.telemetry.metrics import Metrics
from keepers.transfers.inventory.approved_batches import advance_inventory
from keepers.transfers.inventory.dependencies import Leftover
from keepers.transfers.inventory.instructions import explain_instruction
from keepers.transfers.inventory.scheduled_check import check_inventory
from keepers.transfers.machine.machine import advance_until_bridged

FAILED_BATCHES = frozenset({BatchState.REFUSED, BatchState.FAILED, BatchState.PARTIAL})


@dataclass(frozen=True, slots=True)
class TreasuryPass:
    """Result of one pass.

    Attributes:
        batches: Batches created by the pass.
        under_way: Unfinished transfers.
        leftovers: Remaining deficits, and chains that could not be read.
    """

    batches: tuple[BatchRecord, ...]
    under_way: tuple[TransferRecord, ...]
    leftovers: tuple[Leftover, ...]


async def treasury_pass(
    settings: Settings, *, arm: bool, progress: Progress, metrics: Metrics | None = None
) -> TreasuryPass:
    """Advance transfers, process instructions, check balances, and advance the new batches.

    Unless armed, balances are checked, and the result is stored as a dry run.

    Raises:
        KeeperAlreadyRunningError, LeaseHeldError: Another keeper works for the treasuries.
    """
    async with treasury_runtime(settings, arm=arm, progress=progress, metrics=metrics) as runtime:
        store = runtime.machine.transfers
        known = {each.batch_id for each in store.batches(None)}
        if runtime.armed:
            await advance_treasuries(runtime)
        checked = await check_inventory(runtime.inventory, armed=runtime.armed)
        if runtime.armed:
            await advance_treasuries(runtime)
        await runtime.gauge.measure_check(runtime.inventory)
        made = [each for each in store.batches(None) if each.batch_id not in known]
        left = [each for each in store.unsettled() if not each.has_ended]
    return TreasuryPass(tuple(reversed(made)), tuple(left), checked.leftovers)


def pass_summary(found: TreasuryPass) -> PassSummary:
    """Return the summary of a pass.

    The pass failed if a transfer is stuck, a batch was refused or a chain could not be read.
    """
    stuck = [each for each in found.under_way if each.trouble is not None]
    refused = [each for each in found.batches if each.state in FAILED_BATCHES]
    document: dict[str, Json] = {
        "batches": [batch_brief(each) for each in found.batches],
        "under_way": [transfer_brief(each) for each in found.under_way],
        "left_as_it_is": [each.text for each in found.leftovers],
    }
    lines = (
        *(_batch_line(each) for each in found.batches),
        *(one_line(_leftover_line(each)) for each in found.leftovers),
        f"{len(found.under_way)} transfer(s) in progress, {len(stuck)} of them stuck",
    )
    unread = any(each.is_unread for each in found.leftovers)
    return PassSummary(document, lines, (), succeeded=not (stuck or refused or unread))


def _leftover_line(each: Leftover) -> str:
    return f"{'note' if each.is_note else 'Not changed'}: {each.text}"


def _batch_line(batch: BatchRecord) -> str:
    why = f": {batch.reason}" if batch.reason else ""
    return one_line(f"batch {batch.batch_id}: {batch.state.lower().replace('_', ' ')}{why}")


async def advance_treasuries(runtime: TreasuryRuntime) -> None:
    """Start approved batches, process instructions, and advance transfers to their bridges."""
    while await advance_inventory(runtime.inventory):
        pass
    await advance_until_bridged(runtime.machine, poll_seconds=runtime.poll_seconds)


LOOK_SECONDS = 1.0
"""Seconds between reads of another keeper's progress."""

LOOKS = 10
"""Number of reads after which the lease is tried again."""

ANOTHER = (KeeperAlreadyRunningError, LeaseHeldError, StaleLeaseError)

HasEnded = Callable[[], bool]
"""Reports progress; returns whether it is finished."""


async def explain(settings: Settings, text: str) -> dict[str, Json]:
    """Explain an instruction as `explain_instruction`; a keeper may run at the same time.

    Raises:
        InputError: The instruction cannot be read.
        ChainError: A chain cannot be read.
    """
    async with treasury_reading(settings, with_bridges=True) as reading:
        return await explain_instruction(reading.inventory, text)


async def bring_to_end(settings: Settings, has_ended: HasEnded, progress: Progress) -> None:
    """Execute open work until it is finished; while another keeper works, follow its progress.

    Args:
        settings: The effective settings.
        has_ended: Called after every pass.
        progress: Receives the machine's progress lines.
    """
    while not has_ended():
        try:
            await _carry(settings, has_ended, progress)
        except ANOTHER:
            await _follow(has_ended)


async def _carry(settings: Settings, has_ended: HasEnded, progress: Progress) -> None:
    async with treasury_runtime(settings, arm=True, progress=progress) as runtime:
        while True:
            await advance_treasuries(runtime)
            if has_ended():
                return
            await runtime.machine.clock.sleep(runtime.poll_seconds)


async def _follow(has_ended: HasEnded) -> None:
    clock = SystemClock()
    for _ in range(LOOKS):
        await clock.sleep(LOOK_SECONDS)
        if has_ended():
            return
