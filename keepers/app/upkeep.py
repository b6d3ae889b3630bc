"""One run of a vault's upkeep with everything that it needs."""

from __future__ import annotations

from keepers.adapters.telemetry.metrics import Metrics
from keepers.app.settings import Settings
from keepers.app.working import working
from keepers.domain.run import RunRecord
from keepers.engine.ports import Progress
from keepers.engine.upkeep import upkeep


async def keep_up(
    settings: Settings,
    vault: str | None,
    *,
    arm: bool,
    say: Progress,
    metrics: Metrics | None = None,
) -> RunRecord | None:
    """Do what is due, once, as the only keeper of the vault and of its key.

    Args:
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        arm: Whether to send, which the settings may also say.
        say: Where progress goes.
        metrics: What is counted and measured.

    Returns:
        The run; None where nothing was due.
    """
    async with working(settings, vault, arm=arm, say=say, metrics=metrics) as work:
        return await upkeep(work.upkeep, armed=work.armed)
