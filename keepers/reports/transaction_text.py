"""Text of transactions for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich import box
from rich.console import RenderableType
from rich.text import Text

from keepers.chain.codec import describe_call
from keepers.model.transaction_details import (
    STATES,
    HistoryEntry,
    TransactionDetails,
    comes_next,
    reorganisation_of,
    waits_for,
)
from keepers.model.transaction_records import NonceSlot
from keepers.reports.amounts import NOTHING, coin, duration, moment, short
from keepers.reports.terminal import Listing, rendered
from keepers.reports.transaction_document import Rung, gwei, ladder, rise_text

LIST = (
    *("id", "state", "run", "sender", "chain", "nonce", "transaction", "tries", "fee"),
    *("age", "waits for"),
)
LADDER = ("attempt", "kind", "fee, gwei", "tip, gwei", "state", "stored", "sent", "block", "hash")


def render_transactions(listed: Sequence[TransactionDetails], width: int | None = None) -> str:
    """Render transactions as a table, in the given order."""
    if not listed:
        return "There are no transactions.\n"
    rows = [_row(each) for each in listed]
    return rendered([Listing(LIST, rows, box.SIMPLE_HEAD, pad_edge=False)], width)


def render_transaction(
    details: TransactionDetails, history: Sequence[HistoryEntry], width: int | None = None
) -> str:
    """Render all details of a transaction."""
    parts: list[RenderableType] = [Text(line) for line in _facts(details)]
    for slot in details.record.slots:
        parts.append(Text(f"\nNonce {slot.nonce}: {slot.state.lower().replace('_', ' ')}"))
        if slot.attempts:
            parts.append(_ladder(slot))
            parts.extend(Text(line) for line in _receipts(slot))
    parts.append(Text("\nEvents"))
    parts.extend(Text(_event(each)) for each in history)
    found = reorganisation_of(details, history)
    if found is not None:
        parts.append(Text(f"\n{found}"))
    parts.append(Text(f"\nNext: {comes_next(details)}"))
    return rendered(parts, width)


def _row(details: TransactionDetails) -> tuple[str, ...]:
    record, newest = details.record, details.decisive
    hashed = None if newest is None else newest.signed.transaction_hash
    return (
        str(record.intent_id),
        STATES[record.state],
        f"{details.step.run_id[:8]}/{details.step.position}",
        short(record.intent.sender),
        str(record.intent.chain_id),
        NOTHING if details.nonce is None else str(details.nonce),
        NOTHING if hashed is None else short(hashed),
        str(len(details.attempts)),
        _fee(details),
        duration(details.age),
        waits_for(details),
    )


def _fee(details: TransactionDetails) -> str:
    if details.fee_paid is not None:
        return coin(details.fee_paid)
    if details.fee_offered is None:
        return NOTHING
    return f"up to {coin(details.fee_offered)}"


def _facts(details: TransactionDetails) -> Iterator[str]:
    record, new = details.record, details.record.intent
    call = describe_call(new.calldata)
    yield f"Transaction {record.intent_id}: {STATES[record.state]} ({record.state})"
    yield f"  of step {details.step.position} ({details.step.kind}) of run {details.step.run_id}"
    yield f"  for {details.vault}, chain {new.chain_id}, sender {new.sender}"
    yield f"  requested {moment(details.created_at)} UTC, {duration(details.age)} ago"
    if new.expires_at is not None:
        yield f"  to be sent before {moment(new.expires_at)} UTC"
    yield f"  to {new.target}: {_data(new.calldata) if call is None else call.function}"
    if call is not None:
        yield from (f"    {name} = {value}" for name, value in call.arguments)
    yield f"  value {new.value} wei, gas {_or_nothing(record.gas_limit)}"
    yield f"  fee {_fee(details)}"
    if record.wanted is not None:
        yield f"  requested: {record.wanted.lower()}"
    if record.reason is not None:
        yield f"  reason: {record.reason}"
    waiting = waits_for(details)
    if waiting:
        yield f"  waits for {waiting}"


def _data(calldata: str) -> str:
    size = len(calldata.removeprefix("0x")) // 2
    return "no data" if size == 0 else f"{size} bytes of data, {calldata[:10]}…"


def _ladder(slot: NonceSlot) -> Listing:
    rows = [_rung(each) for each in ladder(slot)]
    return Listing(LADDER, rows, box.SIMPLE_HEAD, pad_edge=False)


def _rung(rung: Rung) -> tuple[str, ...]:
    attempt, fees = rung.attempt, rung.attempt.signed.fees
    hashed = attempt.signed.transaction_hash
    return (
        str(attempt.attempt_id),
        attempt.signed.kind.lower(),
        f"{gwei(fees.maximum)} {rise_text(rung.rise)}".rstrip(),
        f"{gwei(fees.priority)} {rise_text(rung.tip_rise)}".rstrip(),
        attempt.state.lower(),
        moment(attempt.stored_at),
        NOTHING if attempt.broadcast_at is None else moment(attempt.broadcast_at),
        _or_nothing(attempt.broadcast_block),
        "encrypted" if hashed is None else short(hashed),
    )


def _receipts(slot: NonceSlot) -> Iterator[str]:
    for each in slot.attempts:
        seen = each.inclusion
        if seen is not None:
            how = "succeeded" if seen.succeeded else "reverted"
            yield (
                f"  {each.signed.transaction_hash} {how} in block {seen.block_number}: gas "
                f"{seen.gas_used:,} at {gwei(seen.effective_gas_price)} gwei, "
                f"{coin(seen.gas_used * seen.effective_gas_price)} in all"
            )


def _event(each: HistoryEntry) -> str:
    states = " -> ".join(state for state in (each.from_state, each.to_state) if state)
    detail = "; ".join(f"{name}: {value}" for name, value in each.detail.items() if value)
    parts = (moment(each.at), each.entity, each.key, each.cause.lower(), states, detail)
    return "  " + "  ".join(part for part in parts if part)


def _or_nothing(value: int | None) -> str:
    return NOTHING if value is None else f"{value:,}"
