"""The send stage: out of the source's treasury, once the batch's divestments there are finished."""

from __future__ import annotations

from keepers.model.batch import BatchRecord
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, CROSS, TransferCause
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
from keepers.transfers.machine.notifications import called_off, moved, stuck

EXTERNAL_SEND = Trouble(
    "the source's treasury has sent it, but not by a transaction of this database",
    "Find the transaction by the treasury's event TransferSent. If another copy of this "
    "keeper's database has it, continue with that copy; otherwise close it here with "
    "`ballast transfers resolve`.",
)


async def send_transfer(
    ports: TransferDependencies, record: TransferRecord, batch: BatchRecord, seen: Seen
) -> bool:
    """Advance a transfer that has not left; return whether anything changed."""
    sent = status_of(ports, record, TransferWork.TRANSFER_OUT, seen)
    match sent.state:
        case CallState.UNASKED:
            return is_divested(ports, record) and await _send(ports, record, batch)
        case CallState.UNDER_WAY:
            return follow(ports, record, sent)
        case CallState.FAILED:
            return await call_off(ports, record, sent.reason)
        case CallState.DONE:
            return _left(ports, record, sent)


def is_divested(ports: TransferDependencies, record: TransferRecord) -> bool:
    """Return whether the batch's divestments of this asset on the source chain are finished."""
    return all(
        each.has_ended
        for each in ports.transfers.placements_of(record.new.batch_id)
        if each.new.verb is PlacementVerb.DIVEST
        and each.new.chain_id == record.terms.source_chain
        and each.new.asset == record.terms.asset
    )


async def _send(ports: TransferDependencies, record: TransferRecord, batch: BatchRecord) -> bool:
    if ports.transfers.now() >= batch.deadline:
        return await call_off(ports, record, "its plan has expired")
    chain = ports.source(record)
    await submit_call(
        chain,
        chain.send_call(record.terms, record.new.options, record.new.part),
        step_id=record.steps[TransferWork.TRANSFER_OUT],
        key=f"{record.transfer_id}:send",
        value=record.new.native_fee,
        expires_at=batch.deadline,
    )
    return True


def _left(ports: TransferDependencies, record: TransferRecord, sent: CallStatus) -> bool:
    positions = to_the_end(record.position, CROSS[0])
    text = f"sent in transaction {sent.transaction}"
    ports.transfers.move(record.transfer_id, positions, TransferCause.ADVANCE, text)
    left = moved(ports, record, "left", record.terms.amount)
    ports.progress(f"transfer {record.transfer_id[:10]}: {left} in {sent.transaction}")
    return True


async def call_off(ports: TransferDependencies, record: TransferRecord, reason: str) -> bool:
    """Cancel a transfer once the chain shows no send and no transaction of ours is in progress.

    Its other steps stay pending until that is final, since a reorg may still include the send.
    """
    legs = await ports.source(record).legs(record.transfer_id)
    if legs.sent is not None:
        return stuck(ports, record, EXTERNAL_SEND)
    ports.transfers.move(
        record.transfer_id, [CALLED_OFF], TransferCause.CALL_OFF, reason, called_off(record, reason)
    )
    return True


def close_rest(ports: TransferDependencies, record: TransferRecord, reason: str) -> None:
    """Skip the unfinished steps of a transfer that finished early."""
    ports.transfers.end_request(record.steps[TransferWork.CROSS], reason)
    for work, state in record.states.items():
        if state is StepState.PENDING:
            ports.transfers.skip_step(record.steps[work], reason)
