"""Bridge stage of a transfer: request it if the bridge needs a request, then track and prove it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from keepers.model.bridge import (
    Accepted,
    Crossed,
    Departure,
    Pending,
    Stuck,
)
from keepers.model.errors.transfers import (
    ArrivedShortError,
    ForgedMessageError,
    NoDepartureError,
)
from keepers.model.transaction_records import NewRequest
from keepers.model.transfer import CROSS, IN, OUT, TransferCause, TransferStep
from keepers.model.transfer_record import TREASURY, TransferRecord, TransferWork, Trouble
from keepers.transactions.crash_points import crash_point
from keepers.transfers.machine.calls import CallState, status_of
from keepers.transfers.machine.dependencies import Seen, TransferDependencies
from keepers.transfers.machine.notifications import moved, stuck
from keepers.transfers.machine.ports import Transfers

LEEWAY = timedelta(days=1)
"""Margin for a database clock that was ahead when the transfer was planned. Bridge history is
searched from this much earlier; one more day costs nothing."""


async def departure_of(
    ports: TransferDependencies, record: TransferRecord, transaction: str
) -> Departure | None:
    """Return the departure made by a transaction, or None while the chain has no receipt of it.

    Raises:
        NoDepartureError: The transaction emitted no departure.
        ChainError: The chain cannot be read.
    """
    receipt = await ports.source(record).receipt(transaction)
    if receipt is None:
        return None
    return Departure(
        transfer_id=record.transfer_id,
        terms=record.terms,
        receipt=receipt,
        at=record.created_at - LEEWAY,
        destination_block=record.new.destination_block,
    )


COMPARE = "Compare the send transaction with the events of the treasury's route."

OF_THE_TRANSFER = (ArrivedShortError, ForgedMessageError, NoDepartureError)
"""Errors of the transfer itself, which an operator has to resolve. Any other bridge error, and a
bridge that does not respond, is retried."""


@dataclass(slots=True)
class RecordedEffect:
    """Off-chain effect, recorded through the transfer store."""

    transfers: Transfers
    request_id: int
    client_key: str
    last_attempt: datetime | None

    async def record(self) -> None:
        """Record that the request is about to be made."""
        self.transfers.asking(self.request_id)


async def bridge_transfer(ports: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Advance a transfer that has left and not arrived; return whether anything changed."""
    sent = status_of(ports, record, TransferWork.TRANSFER_OUT, seen)
    if not sent.is_seen:
        return False
    if sent.state is not CallState.DONE:
        text = "a reorganisation removed its send transaction"
        ports.transfers.move(record.transfer_id, [OUT[-1]], TransferCause.REORG, text)
        return True
    departure = await departure_of(ports, record, sent.transaction)
    if departure is None:
        return False  # the engine's next pass finds out what happened to it
    match record.position.step:
        case TransferStep.CREATE:
            return await _create(ports, record, departure)
        case TransferStep.CROSSING:
            return await _track(ports, record, departure)
        case _:
            return await _complete(ports, record, departure)


async def _create(
    ports: TransferDependencies, record: TransferRecord, departure: Departure
) -> bool:
    """Request the transfer from the bridge, unless the bridge refused it for good before."""
    if record.trouble is not None:
        return False
    key = record.transfer_id
    new = NewRequest(
        step_id=record.steps[TransferWork.CROSS],
        account=TREASURY,
        client_key=key,
        body=f"{record.terms.route} {key}",
    )
    request_id, last_attempt = ports.transfers.ask(new)
    effect = RecordedEffect(ports.transfers, request_id, key, last_attempt)
    try:
        crash_point("before_initiate")
        answer = await ports.bridge(record).initiate(departure, effect)
        crash_point("after_initiate")
    except NoDepartureError as error:
        return stuck(ports, record, Trouble(str(error), COMPARE))
    match answer:
        case Accepted(remote_id):
            ports.transfers.accepted(request_id, remote_id)
            way, text = [CROSS[1]], ports.bridge(record).explain(answer)
            ports.transfers.move(
                record.transfer_id, way, TransferCause.ADVANCE, text, remote_id=remote_id
            )
            return True
        case Pending():
            return _waits(ports, record, answer)
        case Stuck(reason, advice):
            return stuck(ports, record, Trouble(reason, advice))


async def _track(ports: TransferDependencies, record: TransferRecord, departure: Departure) -> bool:
    crash_point("before_track")
    answer = await ports.bridge(record).track(departure, record.remote_id)
    crash_point("after_track")
    match answer:
        case Crossed():
            text = ports.bridge(record).explain(answer)
            ports.transfers.move(
                record.transfer_id,
                [CROSS[2]],
                TransferCause.ADVANCE,
                text,
                proof=answer.proof,
                arriving=answer.amount,
            )
            crossed = moved(ports, record, "can be received on", answer.amount, arrived=True)
            ports.progress(f"transfer {record.transfer_id[:10]}: {crossed}: {text}")
            return True
        case Pending():
            return _waits(ports, record, answer)
        case Stuck(reason, advice):
            return stuck(ports, record, Trouble(reason, advice))


async def _complete(
    ports: TransferDependencies, record: TransferRecord, departure: Departure
) -> bool:
    """Request the proof again from the bridge, before the treasury receives.

    Raises:
        BridgeError: The bridge cannot be read now; the transfer keeps its state.
    """
    if record.trouble is not None:
        return False
    assert record.arriving is not None  # noqa: S101 - set when it crossed
    crossed = Crossed(amount=record.arriving, proof=record.proof)
    try:
        crash_point("before_complete")
        proof = await ports.bridge(record).complete(departure, crossed)
        crash_point("after_complete")
    except OF_THE_TRANSFER as error:
        return stuck(ports, record, Trouble(str(error), ports.bridge(record).explain(crossed)))
    text = f"{record.arriving} units can be received"
    ports.transfers.move(record.transfer_id, [IN[0]], TransferCause.ADVANCE, text, proof=proof)
    return True


def _waits(ports: TransferDependencies, record: TransferRecord, pending: Pending) -> bool:
    text = ports.bridge(record).explain(pending)
    if record.wait != text or record.trouble is not None:
        ports.transfers.wait(record.transfer_id, text)
    return False
