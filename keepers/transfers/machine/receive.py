"""The receive stage: into the destination's treasury, then into a venue if requested."""

from __future__ import annotations

from keepers.model.transaction_states import StepState
from keepers.model.transfer import CROSS, DONE, IN, INVEST, TransferCause, TransferPosition
from keepers.model.transfer_record import (
    PlacementVerb,
    TransferRecord,
    TransferWork,
    Trouble,
)
from keepers.transfers.machine.calls import (
    CallState,
    CallStatus,
    follow,
    status_of,
    submit_call,
    to_the_end,
)
from keepers.transfers.machine.dependencies import Seen, TransferDependencies
from keepers.transfers.machine.notifications import ended, moved, stuck

PATIENCE = 3
"""Times in a row that the treasury may refuse a proof; the bridge is asked again in between."""

ADVICE = (
    "The funds wait in the treasury's route or inbox. Fix the stated cause, then run "
    "`ballast transfers resume`; or receive them manually, then run `ballast transfers "
    "resolve`."
)
IDLE = (
    "The funds are idle in the destination's treasury. Fix the stated cause, then run "
    "`ballast transfers resume`; or leave them there with `ballast transfers resolve`."
)

NOT_FINAL = "received by a transaction of another account; it counts once it is final"
REVERT_NOT_FINAL = "it reverted, and is submitted again once that is final"


async def receive_transfer(ports: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Advance a transfer that has crossed; return whether anything changed."""
    taken = status_of(ports, record, TransferWork.TRANSFER_IN, seen)
    match taken.state:
        case CallState.UNASKED:
            return await _take_in(ports, record, taken)
        case CallState.UNDER_WAY:
            return follow(ports, record, taken)
        case CallState.FAILED:
            return await _refused(ports, record, taken)
        case CallState.DONE:
            received = await _received(ports, record)
            return False if received is None else _arrived(ports, record, received)


async def invest(ports: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Advance the investment of an arrived transfer; return whether anything changed."""
    if status_of(ports, record, TransferWork.TRANSFER_IN, seen).was_taken_back:
        ports.transfers.move(
            record.transfer_id,
            [IN[-1]],
            TransferCause.REORG,
            "a reorganisation removed its arrival",
        )
        return True
    put = status_of(ports, record, TransferWork.INVEST, seen)
    match put.state:
        case CallState.UNASKED:
            return await _invest(ports, record, put)
        case CallState.UNDER_WAY:
            return follow(ports, record, put)
        case CallState.FAILED:
            if put.tries <= record.refused and record.trouble is None:
                return _stays_reverted(ports, record, put) and await _invest(ports, record, put)
            return stuck(ports, record, Trouble(f"it was not invested: {put.reason}", IDLE))
        case CallState.DONE:
            positions = to_the_end(record.position, DONE)
            return _end(ports, record, positions, TransferCause.ADVANCE, "invested")


async def _take_in(ports: TransferDependencies, record: TransferRecord, taken: CallStatus) -> bool:
    """Receive the transfer, unless another account already did; anyone may."""
    received = await _received(ports, record)
    if received is not None:
        return await _taken_by_another(ports, record, received)
    chain = ports.destination(record)
    await submit_call(
        chain,
        chain.receive_call(record.terms, record.proof),
        step_id=record.steps[TransferWork.TRANSFER_IN],
        key=f"{record.transfer_id}:receive:{taken.tries}",
    )
    return True


async def _refused(ports: TransferDependencies, record: TransferRecord, taken: CallStatus) -> bool:
    """Handle a refused receive: another account was first, or the bridge must give a new proof."""
    received = await _received(ports, record)
    if received is not None:
        return await _taken_by_another(ports, record, received)
    if taken.tries <= record.refused and record.trouble is None:
        return _stays_reverted(ports, record, taken) and await _take_in(ports, record, taken)
    if record.refused + 1 >= PATIENCE:
        return stuck(ports, record, Trouble(f"the treasury rejects it: {taken.reason}", ADVICE))
    text = f"the treasury rejected the proof: {taken.reason}"
    ports.transfers.move(
        record.transfer_id,
        [CROSS[1]],
        TransferCause.STALE,
        text,
        refused=taken.tries,
        proof=None,
        arriving=None,
    )
    return True


def _stays_reverted(ports: TransferDependencies, record: TransferRecord, asked: CallStatus) -> bool:
    """Return whether a call may be submitted again: a step has at most one live transaction."""
    if not asked.is_final and record.wait != REVERT_NOT_FINAL:
        ports.transfers.wait(record.transfer_id, REVERT_NOT_FINAL)
    return asked.is_final


async def _received(ports: TransferDependencies, record: TransferRecord) -> int | None:
    chain = ports.destination(record)
    if (await chain.legs(record.transfer_id)).received is None:
        return None
    return await chain.received(record.transfer_id, record.new.destination_block)


async def _taken_by_another(
    ports: TransferDependencies, record: TransferRecord, received: int
) -> bool:
    """Finish the receive only once it is final: our engines would not see a reorg of it."""
    if not await _stays(ports, record):
        ports.transfers.wait(record.transfer_id, NOT_FINAL)
        return False
    if record.states[TransferWork.TRANSFER_IN] is StepState.PENDING:
        step_id = record.steps[TransferWork.TRANSFER_IN]
        ports.transfers.skip_step(step_id, "received by a transaction of another account")
    text = f"{received} units arrived, received by a transaction of another account"
    return _end(ports, record, [_next(record)], TransferCause.TAKEN_IN, text, received=received)


async def _stays(ports: TransferDependencies, record: TransferRecord) -> bool:
    """Return whether the receive is final; blocks may share a second, so it must be earlier."""
    chain = ports.destination(record)
    final = await chain.final_time()
    received = (await chain.legs(record.transfer_id)).received
    return received is not None and received < final


def _arrived(ports: TransferDependencies, record: TransferRecord, received: int) -> bool:
    positions = to_the_end(record.position, _next(record))
    text = f"{received} units arrived"
    return _end(ports, record, positions, TransferCause.ADVANCE, text, received=received)


def _next(record: TransferRecord) -> TransferPosition:
    """Return the position after arrival."""
    return INVEST[0] if record.new.invest is not None else DONE


async def _invest(ports: TransferDependencies, record: TransferRecord, put: CallStatus) -> bool:
    terms, chain = record.new.invest, ports.destination(record)
    assert terms is not None  # noqa: S101 - the step exists, so the terms do
    await submit_call(
        chain,
        chain.venue_call(PlacementVerb.INVEST, record.transfer_id, terms),
        step_id=record.steps[TransferWork.INVEST],
        key=f"{record.transfer_id}:invest:{put.tries}",
    )
    return True


def _end(
    ports: TransferDependencies,
    record: TransferRecord,
    positions: list[TransferPosition],
    cause: TransferCause,
    text: str,
    *,
    received: int | None = None,
) -> bool:
    facts = {} if received is None else {"received": received, "refused": 0}
    ports.transfers.end_request(record.steps[TransferWork.CROSS], None)
    ports.transfers.move(record.transfer_id, positions, cause, text, ended(record), **facts)
    line = text
    if received is not None:
        line = moved(ports, record, "arrived on", received, arrived=True)
    ports.progress(f"transfer {record.transfer_id[:10]}: {line}")
    return True
