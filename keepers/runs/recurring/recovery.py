"""What a killed run left behind is resolved before anything else is sent."""

from __future__ import annotations

from keepers.model.run import RunStatus, StepStatus
from keepers.runs.interruption import interrupt_run
from keepers.runs.recurring.ports import RecurringWorld

INTERRUPTED = "interrupted; looked for anew"


async def recover(world: RecurringWorld, *, armed: bool) -> None:
    """Resolve the open run, if there is one, and close it as interrupted.

    What is signed goes its way, what is not is called off: whatever is still due or stuck is found
    again.

    Raises:
        ArmRequiredError: Bytes would have to be sent, and this run is not armed.
        NotSettledError: A transaction still has no known end.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return
    run_id = record.run.run_id
    world.say(f"{world.vault}: run {run_id} was interrupted; finding out how it ended")
    await interrupt_run(world, run_id, INTERRUPTED, armed=armed)
    for step in world.journal.run(run_id).steps:
        if step.status is StepStatus.PENDING:
            world.journal.skip_step(step.step_id, INTERRUPTED)
    world.journal.close_run(run_id, RunStatus.INTERRUPTED, INTERRUPTED)
