"""Recovery of what a killed run of tiers left, before anything new is planned."""

from __future__ import annotations

from keepers.model.run import ACTION, OPENING, NewRun, RunRecord, RunStatus
from keepers.model.transactions.records import IntentRecord
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.resume_approved import resume_approved
from keepers.runs.tiers.strategy import INTERRUPTED, driver_of


async def resume(world: TierRunDependencies, *, armed: bool) -> RunRecord | NewRun | None:
    """Resume the vault's open run, if there is one.

    Returns:
        The run if it waits for approval, or has ended by what was approved; the run to conduct
        next, if one was to do the rest of an earlier one; None where a trigger may be planned for.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        ArmRequiredError: Bytes would have to be sent, and this run is not armed.
        NotSettledError: A transaction still has no known end.
        AwaitingFundsError: What is approved waits for funds.
    """
    driver = driver_of(world)
    record = driver.interrupted()
    if record is None:
        return None
    ticket = world.tickets.ticket(record.run.run_id)
    if ticket is not None:
        left = await resume_approved(world, record, ticket, armed=armed)
        return None if left.status is RunStatus.REFUSED else left
    if record.run.follows is not None and not record.stages:
        return record.run
    await driver.recover(armed=armed)
    follower = driver.interrupted()
    return None if follower is None else follower.run


async def settle_earlier(world: TierRunDependencies) -> None:
    """Resolve what a reorganisation has taken out of runs that are over.

    It may still be included, and a plan that ignores it would do the same once more.

    Raises:
        NotSettledError: A transaction still has no known end.
    """
    if not await _earlier(world):
        return
    await world.transactions.run_pass()
    for run_id, intent in await _earlier(world):
        if not intent.is_included:
            world.progress(
                f"transaction {intent.intent_id} of run {run_id} is in no block any more"
            )
            await driver_of(world).interrupt(run_id, intent, INTERRUPTED, armed=True)


async def _earlier(world: TierRunDependencies) -> list[tuple[str, IntentRecord]]:
    """Return what the vault's runs have sent and is not final, with its run."""
    found: list[tuple[str, IntentRecord]] = []
    for intent in await world.transactions.live():
        step = await world.transactions.step(intent.intent.step_id)
        is_of_tiers = step.kind in {ACTION, OPENING}
        if is_of_tiers and world.journal.run(step.run_id).run.vault == world.vault:
            found.append((step.run_id, intent))
    return found
