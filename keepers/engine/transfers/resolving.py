"""What a person decides about a transfer that is stuck. Nothing here sends a second time."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.domain.errors_bridges import CannotBeResolvedError
from keepers.domain.transaction.states import StepState
from keepers.domain.transfer import (
    CALLED_OFF,
    CROSS,
    DONE,
    OUT,
    Place,
    TransferCause,
    TransferStage,
)
from keepers.domain.transfer_record import TransferRecord, TransferWork
from keepers.engine.transfers.ports import Transfers
from keepers.engine.transfers.telling import ended

WORKS = {
    TransferStage.TRANSFER_IN: TransferWork.TRANSFER_IN,
    TransferStage.INVEST: TransferWork.INVEST,
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, and why; both go into the timeline."""

    by: str
    reason: str

    @property
    def text(self) -> str:
        """For the timeline."""
        return f"{self.by}: {self.reason}"


def resume(transfers: Transfers, record: TransferRecord, decision: Decision) -> None:
    """Let it go on from where it stands: the bridge, or the chain, is asked once more.

    What the bridge is asked under the same key finds what it was asked before; the chain admits
    each leg once.

    Raises:
        CannotBeResolvedError: It is not stuck.
    """
    if record.trouble is None:
        raise CannotBeResolvedError(record.transfer_id, "it is not stuck")
    work = WORKS.get(record.place.stage)
    tries = 0
    if work is not None:
        step_id = record.steps[work]
        intents = transfers.intents(record.new.run_id)
        tries = sum(each.intent.step_id == step_id for each in intents)
    transfers.note(record.transfer_id, decision.text, trouble=None, wait=None, refused=tries)


def crossed(
    transfers: Transfers, record: TransferRecord, decision: Decision, *, proof: bytes, amount: int
) -> None:
    """A person has found the proof; the treasury still judges it.

    Raises:
        CannotBeResolvedError: It is not on the bridge.
    """
    if record.place not in CROSS[:2]:
        raise CannotBeResolvedError(record.transfer_id, f"it stands at {record.place.text}")
    facts = {"proof": proof, "arriving": amount}
    _resolve(transfers, record, CROSS[2], decision, **facts)


def again(transfers: Transfers, record: TransferRecord, decision: Decision) -> None:
    """The bridge is asked anew, under the same key.

    Raises:
        CannotBeResolvedError: It is not on the bridge, or was not asked yet.
    """
    if record.place not in CROSS[1:]:
        raise CannotBeResolvedError(record.transfer_id, f"it stands at {record.place.text}")
    _resolve(transfers, record, CROSS[0], decision, proof=None, arriving=None)


def give_up(transfers: Transfers, record: TransferRecord, decision: Decision) -> None:
    """What is left of it is done by hand, or not at all; it counts as ended.

    Raises:
        CannotBeResolvedError: It has not left, or a transaction of it is under way.
    """
    if record.place.stage in {TransferStage.TRANSFER_OUT, DONE.stage, CALLED_OFF.stage}:
        raise CannotBeResolvedError(record.transfer_id, f"it stands at {record.place.text}")
    work = WORKS.get(record.place.stage)
    if work is not None and record.states[work] is StepState.ACTIVE:
        raise CannotBeResolvedError(record.transfer_id, "a transaction of it is under way")
    transfers.end_request(record.steps[TransferWork.CROSS], f"given up by {decision.text}")
    for each, state in record.states.items():
        if state is StepState.PENDING:
            transfers.skip_step(record.steps[each], f"given up by {decision.text}")
    _resolve(transfers, record, DONE, decision)


def take_back(transfers: Transfers, record: TransferRecord, decision: Decision) -> None:
    """It is called off before anything of it was asked for.

    Raises:
        CannotBeResolvedError: Something was.
    """
    begun = any(state is not StepState.PENDING for state in record.states.values())
    if record.place != OUT[0] or begun:
        raise CannotBeResolvedError(record.transfer_id, "a transaction of it was asked for")
    for step_id in record.steps.values():
        transfers.skip_step(step_id, decision.text)
    transfers.move(record.transfer_id, [CALLED_OFF], TransferCause.CALL_OFF, decision.text)


def _resolve(
    transfers: Transfers, record: TransferRecord, end: Place, decision: Decision, **facts: object
) -> None:
    transfers.move(
        record.transfer_id, [end], TransferCause.RESOLVE, decision.text, ended(record), **facts
    )
