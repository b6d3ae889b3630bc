"""The transfer loop: advance every unfinished transfer and placement.

All state is in the database. The process may be killed at any moment; the next pass resumes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from structlog.contextvars import bound_contextvars

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.chain_view import ChainView
from keepers.model.errors.chain import ChainError
from keepers.model.errors.transfers import BridgeError
from keepers.model.notice import Notice, Notification, Severity
from keepers.model.transaction_states import StepState
from keepers.model.transfer import DONE, TransferStage
from keepers.model.transfer_record import PlacementRecord, TransferRecord, Trouble
from keepers.transfers.machine.bridge import bridge_transfer
from keepers.transfers.machine.calls import place
from keepers.transfers.machine.dependencies import (
    FAULTS,
    REPAIR_ADVICE,
    Seen,
    TransferDependencies,
    is_overdue,
)
from keepers.transfers.machine.notifications import named, overdue, report_fault, stuck
from keepers.transfers.machine.operator_requests import apply_request, watch_end
from keepers.transfers.machine.ports import TreasuryChain
from keepers.transfers.machine.receive import invest, receive_transfer
from keepers.transfers.machine.send import call_off, send_transfer


def finish_batches(ports: TransferDependencies) -> bool:
    """Finish the batches with nothing left to do; return whether there was one."""
    ended = False
    for batch in ports.transfers.live_batches():
        if batch.state is not BatchState.RUNNING:
            continue
        transfers = ports.transfers.of_batch(batch.batch_id)
        placements = ports.transfers.placements_of(batch.batch_id)
        if all(each.has_ended for each in (*transfers, *placements)):
            _finish(ports, batch, transfers, placements)
            ended = True
    return ended


def _finish(
    ports: TransferDependencies,
    batch: BatchRecord,
    transfers: Sequence[TransferRecord],
    placements: Sequence[PlacementRecord],
) -> None:
    done = [each.position == DONE for each in transfers]
    done += [each.state is StepState.DONE for each in placements]
    state = BatchState.PARTIAL if any(done) else BatchState.FAILED
    if all(done):
        state = BatchState.DONE
    missed = len(done) - sum(done)
    reason = None if not missed else f"{missed} of {len(done)} were cancelled or failed"
    title = f"batch {batch.batch_id[:8]} ({batch.origin.lower()}): {state.lower()}"
    said = reason or f"{len(transfers)} transfer(s) and {len(placements)} placement(s) done"
    text = "\n".join([said, *(f"- {_outcome(each)}" for each in transfers)])
    severity = Severity.INFO if state is BatchState.DONE else Severity.WARNING
    notice = Notice(key=f"batch:{batch.batch_id}", severity=severity, title=title, text=text)
    ports.transfers.move_batch(batch.batch_id, state, reason, Notification((notice,)))
    ports.progress(f"{title}: {said}")


def _outcome(record: TransferRecord) -> str:
    """Return the outcome of a transfer; amounts are units of the token at each end."""
    if record.received is None:
        return f"{named(record)}: {record.position.text.lower().replace('_', ' ')}"
    seconds = int((record.moved_at - record.created_at).total_seconds())
    return (
        f"{named(record)}: {record.terms.amount} units sent, {record.received} arrived, "
        f"after {seconds} s"
    )


T = TypeVar("T")
LEFT = frozenset({TransferStage.CROSS, TransferStage.TRANSFER_IN, TransferStage.INVEST})


@dataclass(frozen=True, slots=True)
class Pass:
    """Result of a pass.

    Attributes:
        changed: Whether anything has changed.
        is_sending: Whether a transaction still has to be included or to reach its depth.
    """

    changed: bool
    is_sending: bool


async def advance_all(ports: TransferDependencies) -> Pass:
    """Advance everything once.

    A chain that does not respond in time counts as one whose nodes do not respond. A transfer whose
    reads time out keeps its state. Transfers that use neither advance in the same pass. A pass may
    be interrupted anywhere, for example by a kill.

    Raises:
        LeaseHeldError, StaleLeaseError: Another keeper holds the lease.
        StoreUnavailableError: The database cannot be written; nothing was done after that.
    """
    transfers = ports.transfers.unsettled()
    placements = ports.transfers.open_placements()
    seen = await _passes(ports, transfers, placements)
    batches = {
        each: ports.transfers.batch(each)
        for each in {record.new.batch_id for record in (*transfers, *placements)}
    }
    # Read again: the engines have just changed these records.
    changed = await _gathered(
        [
            *(_advance(ports, each, batches[each.new.batch_id], seen)
              for each in ports.transfers.unsettled()),
            *(_place(ports, each, batches[each.new.batch_id], seen)
              for each in ports.transfers.open_placements()),
        ]
    )  # fmt: skip
    has_ended = finish_batches(ports)
    return Pass(has_ended or any(changed), _is_sending(ports, seen))


def _is_sending(ports: TransferDependencies, seen: Seen) -> bool:
    records = (*ports.transfers.unsettled(), *ports.transfers.open_placements())
    runs = [each.new.run_id for each in records if not each.has_ended]
    return any(
        not chain.transactions.is_settled(intent, seen.get(chain.chain_id))
        and not chain.transactions.waits_for_price(intent)
        for run_id in runs
        for intent in ports.transfers.intents(run_id)
        if (chain := ports.chains.get(intent.intent.chain_id)) is not None
    )


async def _passes(
    ports: TransferDependencies,
    transfers: Iterable[TransferRecord],
    placements: Iterable[PlacementRecord],
) -> Seen:
    """Run at once the engines of all chains with an unfinished transfer or placement."""
    wanted = {each.new.chain_id for each in placements}
    for record in transfers:
        wanted |= {record.terms.source_chain, record.terms.destination_chain}
    chains = [ports.chains[each] for each in sorted(wanted) if each in ports.chains]
    views = await _gathered([_pass(ports, each) for each in chains])
    return {chain.chain_id: view for chain, view in zip(chains, views, strict=True)}


async def _pass(ports: TransferDependencies, chain: TreasuryChain) -> ChainView | None:
    try:
        async with asyncio.timeout(ports.pass_seconds):
            if not await chain.transactions.live():
                return None
            return await chain.transactions.run_pass()
    except TimeoutError:
        ports.progress(f"{chain.name}: {_timeout_text(ports)}")
        return None


async def _advance(
    ports: TransferDependencies, record: TransferRecord, batch: BatchRecord, seen: Seen
) -> bool:
    """Advance one transfer; a failed read keeps this transfer in its state and affects no other."""
    with bound_contextvars(transfer=record.transfer_id):
        try:
            async with asyncio.timeout(ports.pass_seconds):
                if record.operator_request is not None:
                    return await apply_request(ports, record, record.operator_request)
                changed = await _step(ports, record, batch, seen)
        except (BridgeError, ChainError, TimeoutError) as error:
            changed = False
            # A stuck transfer stays stuck: a failed read changes nothing.
            if record.trouble is None:
                timed_out = isinstance(error, TimeoutError)
                text = _timeout_text(ports) if timed_out else str(error)
                ports.transfers.wait(record.transfer_id, text)
        except FAULTS as error:
            changed = stuck(ports, record, Trouble(str(error), REPAIR_ADVICE))
        if not changed and _is_late(ports, record):
            overdue(ports, record)
        return changed


def _is_late(ports: TransferDependencies, record: TransferRecord) -> bool:
    """Return whether a transfer that has left takes too long, for a reason not reported yet."""
    if record.position.stage not in LEFT or record.trouble is not None:
        return False
    return is_overdue(record.moved_at, ports.transfers.now(), Fraction(record.new.seconds))


async def _step(
    ports: TransferDependencies, record: TransferRecord, batch: BatchRecord, seen: Seen
) -> bool:
    match record.position.stage:
        case TransferStage.TRANSFER_OUT:
            return await _send(ports, record, batch, seen)
        case TransferStage.CROSS:
            return await bridge_transfer(ports, record, seen)
        case TransferStage.TRANSFER_IN:
            return await receive_transfer(ports, record, seen)
        case TransferStage.INVEST:
            return await invest(ports, record, seen)
        case _:
            return watch_end(ports, record, seen)


async def _send(
    ports: TransferDependencies, record: TransferRecord, batch: BatchRecord, seen: Seen
) -> bool:
    match batch.state:
        case BatchState.WAITING:
            return False
        case BatchState.REFUSED:
            return await call_off(ports, record, batch.reason or "its plan was refused")
        case _:
            return await send_transfer(ports, record, batch, seen)


async def _place(
    ports: TransferDependencies, record: PlacementRecord, batch: BatchRecord, seen: Seen
) -> bool:
    try:
        async with asyncio.timeout(ports.pass_seconds):
            return await place(ports, record, batch, seen)
    except FAULTS as error:
        report_fault(ports, f"placement {record.new.placement_id[:10]}", error)
        return False
    except (ChainError, TimeoutError) as error:
        text = _timeout_text(ports) if isinstance(error, TimeoutError) else str(error)
        ports.progress(f"placement {record.new.placement_id[:10]}: {text}")
        return False


def _timeout_text(ports: TransferDependencies) -> str:
    return f"no response within {ports.pass_seconds:g} seconds; retried in the next pass"


async def _gathered(works: Iterable[Awaitable[T]]) -> list[T]:
    """Return all results; raise the first failure after all have finished."""
    results = await asyncio.gather(*works, return_exceptions=True)
    for each in results:
        if isinstance(each, BaseException):
            raise each
    return [each for each in results if not isinstance(each, BaseException)]


async def advance_while_moving(ports: TransferDependencies) -> Pass:
    """Run passes until nothing changes; raises as `advance_all`."""
    while True:
        made = await advance_all(ports)
        if not made.changed:
            return made


async def advance_until_bridged(ports: TransferDependencies, *, poll_seconds: float) -> None:
    """Run passes until every transaction has its required depth; bridges do the rest.

    Does not wait for native tokens, cheaper gas or an operator. Raises as `advance_all`.
    """
    while (await advance_while_moving(ports)).is_sending:
        await ports.clock.sleep(poll_seconds)
