"""One run of the rebalance pipeline with everything that it needs."""

from __future__ import annotations

from keepers.config import Settings
from keepers.model.ports import Progress
from keepers.model.run import RunRecord
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerChoice
from keepers.runs.tiers.pipeline import run_once
from keepers.runs.tiers.rollback import roll_back
from keepers.runs.weights import rebalance_weights
from keepers.runtime.vault.runtime import working
from keepers.telemetry.metrics import Metrics


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
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        trigger: What to judge.
        arm: Whether to send, which the settings may also say.
        progress: Where progress goes.
        metrics: What is counted and measured.
    """
    async with working(settings, vault, arm=arm, progress=progress, metrics=metrics) as work:
        return await run_once(work.world, trigger, armed=work.armed)


async def weigh(
    settings: Settings, vault: str | None, tier: Tier, *, arm: bool, progress: Progress
) -> RunRecord:
    """Bring the weights of a tier's portfolio to their targets; arguments as of `rebalance`."""
    async with working(settings, vault, arm=arm, progress=progress) as work:
        return await rebalance_weights(work.weights, tier, armed=work.armed)


async def undo(
    settings: Settings, vault: str | None, run_id: str, *, arm: bool, progress: Progress
) -> RunRecord:
    """Plan the reverse of a run, and ask for its approval; arguments as of `rebalance`."""
    async with working(settings, vault, arm=arm, progress=progress) as work:
        return await roll_back(work.world, run_id, armed=work.armed)
