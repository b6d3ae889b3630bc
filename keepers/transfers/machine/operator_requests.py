"""Operator requests on stuck transfers. Nothing here sends a transfer twice."""

from __future__ import annotations

from keepers.model.errors.transfers import CannotBeResolvedError
from keepers.model.run import RunStatus
from keepers.model.transaction_states import StepState
from keepers.model.transfer import (
    CALLED_OFF,
    CROSS,
    DONE,
    IN,
    INVEST,
    OUT,
    TransferCause,
    TransferPosition,
    TransferStage,
)
from keepers.model.transfer_record import (
    OperatorRequest,
    OperatorRequestKind,
    TransferRecord,
    TransferWork,
)
from keepers.transfers.machine.calls import CallState, status_of
from keepers.transfers.machine.dependencies import Seen, TransferDependencies
from keepers.transfers.machine.notifications import ended
from keepers.transfers.machine.send import EXTERNAL_SEND, call_off, close_rest

WORKS = {
    TransferStage.TRANSFER_IN: TransferWork.TRANSFER_IN,
    TransferStage.INVEST: TransferWork.INVEST,
}
ENDED = frozenset({TransferStage.DONE, TransferStage.CALLED_OFF})


def possible(record: TransferRecord) -> tuple[OperatorRequestKind, ...]:
    """Return the decisions that an operator can make about a transfer in its current state."""
    return tuple(each for each in OperatorRequestKind if not _problem(record, each))


def require_possible(record: TransferRecord, request: OperatorRequest) -> None:
    """Check that a decision is possible in the transfer's current state.

    Raises:
        CannotBeResolvedError: The decision is not possible.
    """
    problem = _problem(record, request.kind)
    if problem:
        raise CannotBeResolvedError(record.transfer_id, problem)


async def apply_request(
    ports: TransferDependencies, record: TransferRecord, request: OperatorRequest
) -> bool:
    """Apply an operator's decision, or note in the timeline why it is no longer possible."""
    problem = _problem(record, request.kind)
    if problem:
        text = f"not applied: {request.kind.lower()}, {problem}"
        ports.transfers.note(record.transfer_id, text, operator_request=None)
        return True
    match request.kind:
        case OperatorRequestKind.RESUME:
            tries = _tries(ports, record)
            facts = {"trouble": None, "wait": None, "refused": tries, "operator_request": None}
            ports.transfers.note(record.transfer_id, f"resumed by {request.text}", **facts)
        case OperatorRequestKind.CROSSED:
            facts = {"proof": request.proof, "arriving": request.amount, "operator_request": None}
            _resolve(ports, record, CROSS[2], request, **facts)
        case OperatorRequestKind.AGAIN:
            _resolve(
                ports, record, CROSS[0], request, proof=None, arriving=None, operator_request=None
            )
        case OperatorRequestKind.GIVE_UP:
            close_rest(ports, record, request.text)
            _resolve(ports, record, DONE, request, operator_request=None)
        case OperatorRequestKind.CALL_OFF:
            await call_off(ports, record, request.text)
            ports.transfers.note(
                record.transfer_id, f"applied: {request.text}", operator_request=None
            )
    return True


def _problem(record: TransferRecord, kind: OperatorRequestKind) -> str:
    state = f"its state is {record.position.text}"
    active = any(
        record.states[work] is StepState.ACTIVE for work in WORKS.values() if work in record.steps
    )
    begun = any(state is not StepState.PENDING for state in record.states.values())
    match kind:
        case OperatorRequestKind.RESUME:
            return "" if record.trouble is not None else "it is not stuck"
        case OperatorRequestKind.CROSSED:
            return "" if record.position in CROSS[:2] else state
        case OperatorRequestKind.AGAIN:
            return "" if record.position in CROSS[1:] else state
        case OperatorRequestKind.GIVE_UP:
            if record.position.stage in ENDED or is_unsent(record):
                return state
            return "one of its transactions is in progress" if active else ""
        case OperatorRequestKind.CALL_OFF:
            return state if record.position != OUT[0] or begun else ""


def is_unsent(record: TransferRecord) -> bool:
    """Return whether a transfer has not left, as far as this database knows."""
    return record.position.stage is TransferStage.TRANSFER_OUT and record.trouble != EXTERNAL_SEND


def _tries(ports: TransferDependencies, record: TransferRecord) -> int:
    """Return the submissions of the current on-chain step; that many failures are accepted."""
    work = WORKS.get(record.position.stage)
    if work is None:
        return 0
    intents = ports.transfers.intents(record.new.run_id)
    return sum(each.intent.step_id == record.steps[work] for each in intents)


def _resolve(
    ports: TransferDependencies,
    record: TransferRecord,
    end: TransferPosition,
    request: OperatorRequest,
    /,
    **facts: object,
) -> None:
    ports.transfers.move(
        record.transfer_id, [end], TransferCause.RESOLVE, request.text, ended(record), **facts
    )


LAST: dict[TransferWork, TransferPosition] = {
    TransferWork.TRANSFER_IN: IN[-1],
    TransferWork.INVEST: INVEST[-1],
}
NOTHING_LEFT = "cancelled before it was sent"
FULFILLED = frozenset({StepState.DONE, StepState.SKIPPED})


def watch_end(ports: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Return a transfer to an earlier stage after a reorg, or close its run for good."""
    asked = {
        work: status_of(ports, record, work, seen)
        for work in record.steps
        if work is not TransferWork.CROSS
    }
    if record.position == DONE:
        for work, place in LAST.items():
            if work in asked and asked[work].was_taken_back:
                return _back(ports, record, place, f"a reorganisation removed {work}")
    elif asked[TransferWork.TRANSFER_OUT].state is CallState.DONE:
        return _back(ports, record, OUT[-1], "its send transaction was included after all")
    if not all(each.is_final for each in asked.values()):
        return False
    if record.position == CALLED_OFF:
        close_rest(ports, record, NOTHING_LEFT)
    ports.transfers.settle(record.transfer_id, *_status(record))
    return True


def _status(record: TransferRecord) -> tuple[RunStatus, str | None]:
    if record.position != DONE:
        return RunStatus.FAILED, NOTHING_LEFT
    if all(each in FULFILLED for each in record.states.values()):
        return RunStatus.DONE, None
    return RunStatus.PARTIAL, "it was not completed by its own transactions; see its timeline"


def _back(
    ports: TransferDependencies, record: TransferRecord, place: TransferPosition, text: str
) -> bool:
    ports.transfers.move(record.transfer_id, [place], TransferCause.REORG, text)
    return True
