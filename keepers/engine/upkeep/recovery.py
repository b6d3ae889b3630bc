"""What a killed run of upkeep left behind is resolved before anything else is sent."""

from __future__ import annotations

from keepers.domain.errors_run import RunWaitsForArm
from keepers.domain.run import RunStatus, StepStatus
from keepers.domain.transaction.records import IntentRecord
from keepers.domain.transaction.states import IntentState, Wanted
from keepers.engine.upkeep.world import UpkeepWorld

INTERRUPTED = "interrupted; looked for anew"


async def recover(world: UpkeepWorld, *, armed: bool) -> bool:
    """Resolve the vault's open run, and close it as interrupted; answers whether there was one.

    What is signed goes its way, what is not is called off: whatever is still due is found again.

    Raises:
        RunWaitsForArm: Bytes would have to be sent, and this run is not armed.
        NotSettled: A transaction still has no known end.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return False
    run_id = record.run.run_id
    world.say(f"upkeep {run_id} was interrupted; finding out how it ended")
    # What is not signed comes first: waiting for the others would sign it.
    for intent in sorted(await world.transactions.of_run(run_id), key=_is_signed):
        await _resolve(world, run_id, intent, armed=armed)
    for step in world.journal.run(run_id).steps:
        if step.status is StepStatus.PENDING:
            world.journal.skip_step(step.step_id, INTERRUPTED)
    world.journal.close_run(run_id, RunStatus.INTERRUPTED, INTERRUPTED)
    return True


def _is_signed(intent: IntentRecord) -> bool:
    return intent.is_signed


async def _resolve(world: UpkeepWorld, run_id: str, intent: IntentRecord, *, armed: bool) -> None:
    if intent.has_ended:
        return
    if not intent.is_signed and intent.state is not IntentState.DISPLACED:
        await world.transactions.withdraw(intent.intent_id, INTERRUPTED)
        return
    if not armed:
        await world.transactions.run_pass()
        if not (await world.transactions.intent(intent.intent_id)).is_included:
            raise RunWaitsForArm(run_id, intent.intent_id)
        return
    await world.transactions.want(intent.intent_id, Wanted.STOP, INTERRUPTED)
    seconds = world.policy.confirmation_timeout_seconds
    await world.transactions.settle(intent.intent_id, seconds)
