"""Into the destination's treasury, and on into a venue where that was asked for."""

from __future__ import annotations

from keepers.model.transactions.states import StepState
from keepers.model.transfer import CROSS, DONE, IN, INVEST, TransferCause, TransferPosition
from keepers.model.transfer_record import (
    PlacementVerb,
    TransferRecord,
    TransferWork,
    Trouble,
)
from keepers.transfers.machine.calls import Asked, Standing, ask, follow, standing_of, to_the_end
from keepers.transfers.machine.dependencies import Seen, TransferDependencies
from keepers.transfers.machine.notifications import ended, moved, stuck

PATIENCE = 3
"""So often in a row the treasury may refuse a proof, with a new look at the bridge in between."""

ADVICE = (
    "The money waits in the treasury's route or inbox. Mend what the reason says, then `ballast "
    "transfers resume`; or take it in by hand, then `ballast transfers resolve`."
)
IDLE = (
    "The money is idle in the destination's treasury. Mend what the reason says, then `ballast "
    "transfers resume`; or leave it there with `ballast transfers resolve`."
)

NOT_FINAL = "another account had it taken in; that counts once it is final"
REVERT_NOT_FINAL = "it reverted, and is asked for anew once that is final"


async def arrive(world: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Bring a transfer on that has crossed; answers whether anything has changed."""
    taken = standing_of(world, record, TransferWork.TRANSFER_IN, seen)
    match taken.standing:
        case Standing.UNASKED:
            return await _take_in(world, record, taken)
        case Standing.UNDER_WAY:
            return follow(world, record, taken)
        case Standing.FAILED:
            return await _refused(world, record, taken)
        case Standing.DONE:
            received = await _received(world, record)
            return False if received is None else _arrived(world, record, received)


async def invest(world: TransferDependencies, record: TransferRecord, seen: Seen) -> bool:
    """Bring on what has arrived and shall be invested."""
    if standing_of(world, record, TransferWork.TRANSFER_IN, seen).was_taken_back:
        world.transfers.move(
            record.transfer_id, [IN[-1]], TransferCause.REORG, "the chain took its arrival back"
        )
        return True
    put = standing_of(world, record, TransferWork.INVEST, seen)
    match put.standing:
        case Standing.UNASKED:
            return await _invest(world, record, put)
        case Standing.UNDER_WAY:
            return follow(world, record, put)
        case Standing.FAILED:
            if put.tries <= record.refused and record.trouble is None:
                return _stays_reverted(world, record, put) and await _invest(world, record, put)
            return stuck(world, record, Trouble(f"it was not invested: {put.reason}", IDLE))
        case Standing.DONE:
            ways = to_the_end(record.place, DONE)
            return _end(world, record, ways, TransferCause.ADVANCE, "invested")


async def _take_in(world: TransferDependencies, record: TransferRecord, taken: Asked) -> bool:
    """Have the treasury take it in, unless somebody did, as anybody may."""
    received = await _received(world, record)
    if received is not None:
        return await _taken_by_another(world, record, received)
    chain = world.destination(record)
    await ask(
        chain,
        chain.receive_call(record.terms, record.proof),
        step_id=record.steps[TransferWork.TRANSFER_IN],
        key=f"{record.transfer_id}:receive:{taken.tries}",
    )
    return True


async def _refused(world: TransferDependencies, record: TransferRecord, taken: Asked) -> bool:
    """Somebody was first, or the proof is not good any more: the bridge is asked for another."""
    received = await _received(world, record)
    if received is not None:
        return await _taken_by_another(world, record, received)
    if taken.tries <= record.refused and record.trouble is None:
        return _stays_reverted(world, record, taken) and await _take_in(world, record, taken)
    if record.refused + 1 >= PATIENCE:
        return stuck(world, record, Trouble(f"the treasury refuses it: {taken.reason}", ADVICE))
    text = f"the treasury refused the proof: {taken.reason}"
    world.transfers.move(
        record.transfer_id,
        [CROSS[1]],
        TransferCause.STALE,
        text,
        refused=taken.tries,
        proof=None,
        arriving=None,
    )
    return True


def _stays_reverted(world: TransferDependencies, record: TransferRecord, asked: Asked) -> bool:
    """Whether a call may be asked for anew: of one step only one transaction may be live."""
    if not asked.is_final and record.wait != REVERT_NOT_FINAL:
        world.transfers.wait(record.transfer_id, REVERT_NOT_FINAL)
    return asked.is_final


async def _received(world: TransferDependencies, record: TransferRecord) -> int | None:
    chain = world.destination(record)
    if (await chain.legs(record.transfer_id)).received is None:
        return None
    return await chain.received(record.transfer_id, record.new.destination_block)


async def _taken_by_another(
    world: TransferDependencies, record: TransferRecord, received: int
) -> bool:
    """It counts once it is final: no engine of ours would see it taken back."""
    if not await _stays(world, record):
        world.transfers.wait(record.transfer_id, NOT_FINAL)
        return False
    if record.states[TransferWork.TRANSFER_IN] is StepState.PENDING:
        step_id = record.steps[TransferWork.TRANSFER_IN]
        world.transfers.skip_step(step_id, "another account had it taken in")
    text = f"{received} units arrived, taken in by another account"
    return _end(world, record, [_next(record)], TransferCause.TAKEN_IN, text, received=received)


async def _stays(world: TransferDependencies, record: TransferRecord) -> bool:
    """Blocks may be of the same second, so only an earlier one is surely below the final one."""
    chain = world.destination(record)
    final = await chain.final_time()
    received = (await chain.legs(record.transfer_id)).received
    return received is not None and received < final


def _arrived(world: TransferDependencies, record: TransferRecord, received: int) -> bool:
    ways = to_the_end(record.place, _next(record))
    text = f"{received} units arrived"
    return _end(world, record, ways, TransferCause.ADVANCE, text, received=received)


def _next(record: TransferRecord) -> TransferPosition:
    """Where a transfer goes that has arrived."""
    return INVEST[0] if record.new.invest is not None else DONE


async def _invest(world: TransferDependencies, record: TransferRecord, put: Asked) -> bool:
    terms, chain = record.new.invest, world.destination(record)
    assert terms is not None  # noqa: S101 - it has the step
    await ask(
        chain,
        chain.venue_call(PlacementVerb.INVEST, record.transfer_id, terms),
        step_id=record.steps[TransferWork.INVEST],
        key=f"{record.transfer_id}:invest:{put.tries}",
    )
    return True


def _end(
    world: TransferDependencies,
    record: TransferRecord,
    ways: list[TransferPosition],
    cause: TransferCause,
    text: str,
    *,
    received: int | None = None,
) -> bool:
    facts = {} if received is None else {"received": received, "refused": 0}
    world.transfers.end_request(record.steps[TransferWork.CROSS], None)
    world.transfers.move(record.transfer_id, ways, cause, text, ended(record), **facts)
    told = text
    if received is not None:
        told = moved(world, record, "arrived on", received, arrived=True)
    world.progress(f"transfer {record.transfer_id[:10]}: {told}")
    return True
