"""A batch ends when all that belongs to it has; it is told as one thing."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.notice import Notice, Notification, Severity
from keepers.model.transactions.states import StepState
from keepers.model.transfer import DONE
from keepers.model.transfer_record import PlacementRecord, TransferRecord
from keepers.transfers.machine.dependencies import TransferWorld
from keepers.transfers.machine.notifications import named


def finish_batches(world: TransferWorld) -> bool:
    """End the batches of which nothing is left to do; answers whether there was one."""
    ended = False
    for batch in world.transfers.live_batches():
        if batch.state is not BatchState.RUNNING:
            continue
        transfers = world.transfers.of_batch(batch.batch_id)
        placements = world.transfers.placements_of(batch.batch_id)
        if all(each.has_ended for each in (*transfers, *placements)):
            _finish(world, batch, transfers, placements)
            ended = True
    return ended


def _finish(
    world: TransferWorld,
    batch: BatchRecord,
    transfers: Sequence[TransferRecord],
    placements: Sequence[PlacementRecord],
) -> None:
    done = [each.place == DONE for each in transfers]
    done += [each.state is StepState.DONE for each in placements]
    state = BatchState.PARTIAL if any(done) else BatchState.FAILED
    if all(done):
        state = BatchState.DONE
    missed = len(done) - sum(done)
    reason = None if not missed else f"{missed} of {len(done)} were called off or failed"
    title = f"batch {batch.batch_id[:8]} ({batch.origin.lower()}): {state.lower()}"
    said = reason or f"{len(transfers)} transfer(s) and {len(placements)} placement(s) done"
    text = "\n".join([said, *(f"- {_outcome(each)}" for each in transfers)])
    severity = Severity.INFO if state is BatchState.DONE else Severity.WARNING
    notice = Notice(key=f"batch:{batch.batch_id}", severity=severity, title=title, text=text)
    world.transfers.move_batch(batch.batch_id, state, reason, Notification((notice,)))
    world.say(f"{title}: {said}")


def _outcome(record: TransferRecord) -> str:
    """What became of a transfer's money; amounts are units of the token at each end."""
    if record.received is None:
        return f"{named(record)}: {record.place.text.lower().replace('_', ' ')}"
    seconds = int((record.moved_at - record.created_at).total_seconds())
    return (
        f"{named(record)}: {record.terms.amount} units left, {record.received} arrived, "
        f"after {seconds} s"
    )
