"""What a killed run of weights left behind is resolved before anything else is sent."""

from __future__ import annotations

from keepers.model.run import RunStatus
from keepers.runs.interruption import interrupt_run
from keepers.runs.tiers.record import close
from keepers.runs.tiers.recovery import INTERRUPTED, OtherChainError
from keepers.runs.weights.dependencies import WeightsWorld


async def recover(world: WeightsWorld, *, armed: bool) -> None:
    """Resolve the vault's open run of weights, if there is one, and close it as interrupted.

    What is signed goes its way, what is not is called off. The portfolio stays due: what is still
    off its target then is planned anew.

    Raises:
        OtherChainError: It cannot be resolved on this chain.
        ArmRequiredError: Bytes would have to be sent, and this run is not armed.
        NotSettledError: A transaction still has no known end.
    """
    runs = world.runs
    record = world.journal.open_run_of(runs.vault)
    if record is None:
        return
    run_id = record.run.run_id
    if record.run.chain_id != runs.chain_id:
        raise OtherChainError(run_id, record.run.chain_id, runs.chain_id)
    runs.say(f"run {run_id} was interrupted; finding out how it ended")
    await interrupt_run(runs, run_id, INTERRUPTED, armed=armed)
    close(runs, run_id, RunStatus.INTERRUPTED, INTERRUPTED)
