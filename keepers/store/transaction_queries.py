"""Queries of intents with their nonce slots and attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Join, RowMapping, Select, select

from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.transaction_details import HistoryEntry, TransactionDetails, stops
from keepers.model.transaction_records import (
    EncryptedPayload,
    ForeignUse,
    Inclusion,
    IntentRecord,
    NewIntent,
    NonceSlot,
    SignedBytes,
    SlotAttempt,
    sender_scope,
)
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    AttemptState,
    EntityType,
    IntentState,
    LeaseState,
    SlotState,
)
from keepers.store.intents import of_sender
from keepers.store.pauses import read_pauses
from keepers.store.records import record, rows_among
from keepers.store.run_writes import step_of
from keepers.store.tables import (
    events,
    intents,
    leases,
    nonce_slots,
    run_steps,
    runs,
    slot_attempts,
)

BY_SLOT = select(nonce_slots).order_by(nonce_slots.c.slot_id)


def read_intents(
    connection: Connection, *conditions: ColumnElement[bool]
) -> tuple[IntentRecord, ...]:
    """Return the intents that meet all conditions, with slots and attempts, oldest first.

    Uses at most three queries regardless of their number.
    """
    query = select(intents, run_steps.c.run_id).join(run_steps).where(*conditions)
    rows = connection.execute(query.order_by(intents.c.intent_id)).mappings().all()
    ids = [row["intent_id"] for row in rows]
    slots: defaultdict[int | None, list[NonceSlot]] = defaultdict(list)
    for slot in _slots_of(
        connection, rows_among(connection, BY_SLOT, nonce_slots.c.intent_id, ids)
    ):
        slots[slot.intent_id].append(slot)
    return tuple(
        record(
            IntentRecord,
            row,
            intent=record(NewIntent, row),
            access_list=row["access_list"] or (),
            slots=tuple(slots[row["intent_id"]]),
        )
        for row in rows
    )


def live_intents(connection: Connection, chain_id: int, sender: str) -> tuple[IntentRecord, ...]:
    """Return the unfinished intents of a sender, in order of creation."""
    mine = (intents.c.chain_id == chain_id) & (intents.c.sender == sender.lower())
    return read_intents(connection, mine, intents.c.state.not_in(ENDED_INTENTS))


def intents_of_run(connection: Connection, run_id: str) -> tuple[IntentRecord, ...]:
    """Return all intents of a run, in order of creation."""
    return read_intents(connection, run_steps.c.run_id == run_id)


def read_intent(connection: Connection, intent_id: int) -> IntentRecord:
    """Return an intent with its slots and attempts.

    Raises:
        UnknownRecordError: There is no such intent.
    """
    found = read_intents(connection, intents.c.intent_id == intent_id)
    if not found:
        raise UnknownRecordError(f"intents {intent_id}")
    return found[0]


def foreign_slots(connection: Connection, chain_id: int, sender: str) -> tuple[NonceSlot, ...]:
    """Return a sender's externally used nonces without an intent that are not final yet."""
    unasked = nonce_slots.c.intent_id.is_(None) & (nonce_slots.c.state == SlotState.FOREIGN)
    query = BY_SLOT.where(of_sender(chain_id, sender), unasked)
    found = _slots_of(connection, connection.execute(query).mappings().all())
    return tuple(sorted(found, key=lambda slot: slot.nonce))


def last_final(connection: Connection, chain_id: int, sender: str) -> Inclusion | ForeignUse | None:
    """Return a sender's newest final inclusion or external nonce use.

    Both matter: after a final external use, an intent may have another nonce.
    """
    mine = of_sender(chain_id, sender)
    ours = select(slot_attempts).join(nonce_slots).where(mine)
    ours = ours.where(slot_attempts.c.state == AttemptState.FINAL)
    ours = ours.order_by(slot_attempts.c.block_number.desc()).limit(1)
    other = select(nonce_slots).where(mine, nonce_slots.c.state == SlotState.FOREIGN_FINAL)
    other = other.order_by(nonce_slots.c.seen_block_number.desc()).limit(1)
    found: list[Inclusion | ForeignUse] = [
        *(record(Inclusion, row) for row in connection.execute(ours).mappings()),
        *(
            record(
                ForeignUse,
                row,
                block_number=row["seen_block_number"],
                block_hash=row["seen_block_hash"],
            )
            for row in connection.execute(other).mappings()
        ),
    ]
    return max(found, key=lambda each: each.block_number, default=None)


def _slots_of(connection: Connection, rows: Sequence[RowMapping]) -> Sequence[NonceSlot]:
    ids = [row["slot_id"] for row in rows]
    made = select(slot_attempts).order_by(slot_attempts.c.position)
    attempts: defaultdict[int, list[SlotAttempt]] = defaultdict(list)
    for row in rows_among(connection, made, slot_attempts.c.slot_id, ids):
        attempts[row["slot_id"]].append(attempt_of(row))
    return [record(NonceSlot, row, attempts=tuple(attempts[row["slot_id"]])) for row in rows]


def attempt_of(row: RowMapping) -> SlotAttempt:
    """Return an attempt from its row."""
    payload = EncryptedPayload(row["seal_digest"], row["seal_box"]) if row["seal_box"] else None
    return record(
        SlotAttempt,
        row,
        signed=record(SignedBytes, row, sealed=payload),
        inclusion=None if row["block_hash"] is None else record(Inclusion, row),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Filter of transactions; None or empty matches all.

    Attributes:
        live: Whether to exclude finished transactions.
    """

    vault: str | None = None
    sender: str | None = None
    states: AbstractSet[IntentState] = frozenset()
    live: bool = False
    limit: int | None = None


def browse(
    connection: Connection, chosen: TransactionFilter, now: datetime
) -> tuple[TransactionDetails, ...]:
    """Return transactions, newest first."""
    rows = connection.execute(_chosen(chosen)).mappings().all()
    return tuple(_details(connection, row, now) for row in rows)


def overview_of(connection: Connection, intent_id: int, now: datetime) -> TransactionDetails:
    """Return one transaction.

    Raises:
        UnknownRecordError: There is no such transaction.
    """
    read_intent(connection, intent_id)
    chosen = _joined().where(intents.c.intent_id == intent_id)
    return _details(connection, connection.execute(chosen).mappings().one(), now)


def history_of(connection: Connection, details: TransactionDetails) -> tuple[HistoryEntry, ...]:
    """Return the events of a transaction, its step, nonces and attempts, in order."""
    intent = details.record
    keys = {
        EntityType.INTENT: [intent.intent_id],
        EntityType.STEP: [intent.intent.step_id],
        EntityType.SLOT: [slot.slot_id for slot in intent.slots],
        EntityType.ATTEMPT: [each.attempt_id for each in details.attempts],
    }
    found: list[RowMapping] = []
    for entity, ids in keys.items():
        of_entity = (events.c.entity == entity) & events.c.key.in_([str(each) for each in ids])
        found.extend(connection.execute(select(events).where(of_entity)).mappings())
    ordered = sorted(found, key=lambda row: row["event_id"])
    return tuple(record(HistoryEntry, row) for row in ordered)


def holder_now(connection: Connection, chain_id: int, sender: str, now: datetime) -> str | None:
    """Return the keeper that holds the lease on a sender; None if it is free or expired."""
    query = select(leases).where(leases.c.scope == sender_scope(chain_id, sender))
    row = connection.execute(query).mappings().first()
    if row is None or row["state"] != LeaseState.HELD or row["expires_at"] <= now:
        return None
    return row["holder"]


def senders_of(connection: Connection, vault: str, chain_id: int) -> tuple[str, ...]:
    """Return the accounts that have sent for a vault on a chain, newest first."""
    of_vault = (runs.c.vault == vault) & (intents.c.chain_id == chain_id)
    chosen = select(intents.c.sender).select_from(_source()).where(of_vault)
    found = connection.scalars(chosen.order_by(intents.c.intent_id.desc()))
    return tuple(dict.fromkeys(found))


def vaults_of(connection: Connection, chain_id: int, sender: str) -> tuple[str, ...]:
    """Return the owners, and senders of repairs, for which an account has sent, newest first."""
    of_sender = (intents.c.chain_id == chain_id) & (intents.c.sender == sender.lower())
    chosen = select(runs.c.vault).select_from(_source()).where(of_sender)
    return tuple(dict.fromkeys(connection.scalars(chosen.order_by(intents.c.intent_id.desc()))))


def _chosen(by: TransactionFilter) -> Select[Any, Any, Any, Any]:
    chosen = _joined()
    if by.vault is not None:
        chosen = chosen.where(runs.c.vault == by.vault)
    if by.sender is not None:
        chosen = chosen.where(intents.c.sender == by.sender.lower())
    if by.states:
        chosen = chosen.where(intents.c.state.in_(by.states))
    if by.live:
        chosen = chosen.where(intents.c.state.not_in(ENDED_INTENTS))
    return chosen.order_by(intents.c.intent_id.desc()).limit(by.limit)


def _joined() -> Select[Any, Any, Any, Any]:
    columns = (intents.c.intent_id, intents.c.step_id, intents.c.created_at, runs.c.vault)
    return select(*columns).select_from(_source())


def _source() -> Join:
    return intents.join(run_steps, run_steps.c.step_id == intents.c.step_id).join(
        runs, runs.c.run_id == run_steps.c.run_id
    )


def _details(connection: Connection, row: RowMapping, now: datetime) -> TransactionDetails:
    intent = read_intent(connection, row["intent_id"])
    new = intent.intent
    return TransactionDetails(
        record=intent,
        step=step_of(connection, row["step_id"]),
        vault=row["vault"],
        created_at=row["created_at"],
        pauses=tuple(
            each for each in read_pauses(connection) if stops(each, new.chain_id, new.sender)
        ),
        now=now,
    )
