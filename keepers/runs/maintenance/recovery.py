"""What a killed run of upkeep left behind is resolved before anything else is sent."""

from __future__ import annotations

from keepers.model.run import RunStatus, StepStatus
from keepers.runs.interruption import interrupt_run
from keepers.runs.maintenance.dependencies import UpkeepWorld

INTERRUPTED = "interrupted; looked for anew"


async def recover(world: UpkeepWorld, *, armed: bool) -> bool:
    """Resolve the vault's open run, and close it as interrupted; answers whether there was one.

    What is signed goes its way, what is not is called off: whatever is still due is found again.

    Raises:
        ArmRequiredError: Bytes would have to be sent, and this run is not armed.
        NotSettledError: A transaction still has no known end.
    """
    record = world.journal.open_run_of(world.vault)
    if record is None:
        return False
    run_id = record.run.run_id
    world.say(f"upkeep {run_id} was interrupted; finding out how it ended")
    await interrupt_run(world, run_id, INTERRUPTED, armed=armed)
    for step in world.journal.run(run_id).steps:
        if step.status is StepStatus.PENDING:
            world.journal.skip_step(step.step_id, INTERRUPTED)
    world.journal.close_run(run_id, RunStatus.INTERRUPTED, INTERRUPTED)
    return True
