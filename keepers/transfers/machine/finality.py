"""What has come to its end is watched until no reorganisation can change it."""

from __future__ import annotations

from keepers.model.run import RunStatus
from keepers.model.transactions.states import StepState
from keepers.model.transfer import (
    CALLED_OFF,
    DONE,
    IN,
    INVEST,
    OUT,
    TransferCause,
    TransferPosition,
)
from keepers.model.transfer_record import TransferRecord, TransferWork
from keepers.transfers.machine.calls import Standing, standing_of
from keepers.transfers.machine.dependencies import Seen, TransferWorld
from keepers.transfers.machine.send import close_rest

LAST: dict[TransferWork, TransferPosition] = {
    TransferWork.TRANSFER_IN: IN[-1],
    TransferWork.INVEST: INVEST[-1],
}
NOTHING_LEFT = "called off, nothing has left"
FULFILLED = frozenset({StepState.DONE, StepState.SKIPPED})


def watch_end(world: TransferWorld, record: TransferRecord, seen: Seen) -> bool:
    """Take a transfer back to where the chain has taken it, or close its run for good."""
    asked = {
        work: standing_of(world, record, work, seen)
        for work in record.steps
        if work is not TransferWork.CROSS
    }
    if record.place == DONE:
        for work, place in LAST.items():
            if work in asked and asked[work].was_taken_back:
                return _back(world, record, place, f"the chain took {work} back")
    elif asked[TransferWork.TRANSFER_OUT].standing is Standing.DONE:
        return _back(world, record, OUT[-1], "the chain has it leave after all")
    if not all(each.is_final for each in asked.values()):
        return False
    if record.place == CALLED_OFF:
        close_rest(world, record, NOTHING_LEFT)
    world.transfers.settle(record.transfer_id, *_status(record))
    return True


def _status(record: TransferRecord) -> tuple[RunStatus, str | None]:
    if record.place != DONE:
        return RunStatus.FAILED, NOTHING_LEFT
    if all(each in FULFILLED for each in record.states.values()):
        return RunStatus.DONE, None
    return RunStatus.PARTIAL, "it ended in another way than by its own calls; see its timeline"


def _back(world: TransferWorld, record: TransferRecord, place: TransferPosition, text: str) -> bool:
    world.transfers.move(record.transfer_id, [place], TransferCause.REORG, text)
    return True
