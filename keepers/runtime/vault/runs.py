"""Single runs of a vault, as requested by an operator."""

from __future__ import annotations

from keepers.config import Settings
from keepers.model.ports import Progress
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerChoice
from keepers.reports.amounts import one_line
from keepers.reports.run_document import run_document
from keepers.runs.tiers.pipeline import roll_back, run_once
from keepers.runs.weights import rebalance_weights
from keepers.runtime.process.owner import PassSummary
from keepers.runtime.vault.runtime import vault_runtime
from keepers.telemetry.metrics import Metrics

GOOD = frozenset({RunStatus.DONE, RunStatus.NOTHING_TO_DO, RunStatus.DRY_RUN, RunStatus.OPEN})
"""Successful statuses; an open run waits for approval, as expected."""


async def rebalance(
    settings: Settings,
    vault: str | None,
    trigger: TriggerChoice,
    *,
    arm: bool,
    progress: Progress,
    metrics: Metrics | None = None,
) -> RunRecord:
    """Run once, as the only keeper of the vault and of its key.

    Args:
        settings: The effective settings.
        vault: The vault's name; None for the only vault.
        trigger: The trigger to check.
        arm: Whether to send; the settings may enable it too.
        progress: Receives progress lines.
        metrics: Receives counts and measurements.
    """
    async with vault_runtime(
        settings, vault, arm=arm, progress=progress, metrics=metrics
    ) as runtime:
        return await run_once(runtime.tiers, trigger, armed=runtime.armed)


async def weigh(
    settings: Settings, vault: str | None, tier: Tier, *, arm: bool, progress: Progress
) -> RunRecord:
    """Rebalance the weights of a tier's portfolio; arguments as for `rebalance`."""
    async with vault_runtime(settings, vault, arm=arm, progress=progress) as runtime:
        return await rebalance_weights(runtime.weights, tier, armed=runtime.armed)


async def undo(
    settings: Settings, vault: str | None, run_id: str, *, arm: bool, progress: Progress
) -> RunRecord:
    """Plan the reverse of a run, and request its approval; arguments as for `rebalance`."""
    async with vault_runtime(settings, vault, arm=arm, progress=progress) as runtime:
        return await roll_back(runtime.tiers, run_id, armed=runtime.armed)


def run_summary(record: RunRecord) -> PassSummary:
    """Return the summary of a run; a run that waits for approval has succeeded so far."""
    succeeded = record.status in GOOD
    line = f"run {record.run.run_id}: {_ending(record)}"
    lines, errors = ((line,), ()) if succeeded else ((), (line,))
    return PassSummary(run_document(record), lines, errors, succeeded)


def _ending(record: RunRecord) -> str:
    if record.status is RunStatus.OPEN:
        return f"waits for approval; to view and sign it, run `ballast approve {record.run.run_id}`"
    return one_line(record.ending)
