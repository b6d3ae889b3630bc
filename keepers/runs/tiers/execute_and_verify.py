"""Stages 5 and 6 together: the actions, and whether the vault is then as simulated."""

from __future__ import annotations

from keepers.model.errors import BallastError
from keepers.model.run import RunStatus
from keepers.model.tier import TierValues
from keepers.runs.tiers.execution import Execution
from keepers.runs.tiers.record import failures_of, status_of
from keepers.runs.tiers.verification import verify


async def carry_out(
    execution: Execution, run_id: str, before: TierValues, simulated: TierValues
) -> tuple[RunStatus, str | None]:
    """Execute and verify; answers how the run ends, and why where that is not simply well.

    Args:
        execution: The actions.
        run_id: Their run.
        before: The tiers that the plan was made from.
        simulated: The tiers as the simulation left them.

    Raises:
        NotSettledError, AwaitingFundsError: As `Execution.run`.
    """
    world = execution.world
    results = await execution.run(run_id)
    record = world.journal.run(run_id)
    status, reason = status_of(record), failures_of(record)
    try:
        alert = await verify(world, run_id, before, simulated, results)
    except BallastError as error:
        return status, reason or f"done, but the result cannot be verified: {error}"
    world.say("verification: ALERT: not as simulated" if alert else "verification: as simulated")
    return status, reason
