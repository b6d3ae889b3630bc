"""Movements between a treasury's idle tokens and its venues, without a transfer."""

from __future__ import annotations

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.run import RunStatus
from keepers.model.transactions.states import StepState
from keepers.model.transfer_record import PlacementRecord, PlacementVerb
from keepers.transfers.machine.calls import Standing, ask, asked_for
from keepers.transfers.machine.dependencies import Seen, TransferWorld

ENDS = {
    StepState.DONE: RunStatus.DONE,
    StepState.SKIPPED: RunStatus.REFUSED,
    StepState.FAILED: RunStatus.FAILED,
}


async def place(
    world: TransferWorld, record: PlacementRecord, batch: BatchRecord, seen: Seen
) -> bool:
    """Bring a placement on; answers whether anything has changed."""
    chain, new = world.chain(record.new.chain_id), record.new
    intents = world.transfers.intents(new.run_id)
    asked = asked_for(chain, intents, record.step_id, record.state, seen)
    if record.state is StepState.SKIPPED or asked.standing in {Standing.DONE, Standing.FAILED}:
        if not asked.is_final:
            return False
        world.transfers.settle_placement(new.placement_id, ENDS[record.state], record.reason)
        return True
    if asked.standing is Standing.UNDER_WAY or not _may_begin(world, record, batch):
        return False
    if batch.state is not BatchState.RUNNING or world.transfers.now() >= batch.deadline:
        reason = batch.reason or "its plan has expired"
        world.transfers.skip_step(record.step_id, reason)
        return True
    await ask(
        chain,
        chain.venue_call(new.verb, new.placement_id, new.move),
        step_id=record.step_id,
        key=f"{new.placement_id}:{new.verb.lower()}",
        expires_at=batch.deadline,
    )
    return True


def _may_begin(world: TransferWorld, record: PlacementRecord, batch: BatchRecord) -> bool:
    """Investments come last: after all transfers of the batch, and after what is divested."""
    if batch.state is BatchState.WAITING:
        return False
    if record.new.verb is PlacementVerb.DIVEST:
        return True
    others = world.transfers.placements_of(batch.batch_id)
    divested = [each for each in others if each.new.verb is PlacementVerb.DIVEST]
    transfers = world.transfers.of_batch(batch.batch_id)
    return all(each.has_ended for each in (*divested, *transfers))
