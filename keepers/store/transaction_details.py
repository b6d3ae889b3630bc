"""Queries of transactions for operators: with their runs, times and events."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Join, RowMapping, Select, select

from keepers.model.transactions.details import AttemptTimes, HistoryEntry, TransactionDetails, stops
from keepers.model.transactions.records import sender_scope
from keepers.model.transactions.states import ENDED_INTENTS, EntityType, IntentState, LeaseState
from keepers.store.intent_queries import read_intent
from keepers.store.pauses import read_pauses
from keepers.store.runs import step_of
from keepers.store.tables import (
    events,
    intents,
    leases,
    nonce_slots,
    run_steps,
    runs,
    slot_attempts,
)

HAPPENING = ("at", "thing", "key", "cause", "from_state", "to_state", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionFilter:
    """Which transactions to read; what is None or empty does not narrow.

    Attributes:
        live: Whether those that have ended are left out.
    """

    vault: str | None = None
    sender: str | None = None
    states: AbstractSet[IntentState] = frozenset()
    live: bool = False
    limit: int | None = None


def browse(
    connection: Connection, wish: TransactionFilter, now: datetime
) -> tuple[TransactionDetails, ...]:
    """Transactions, newest first."""
    rows = connection.execute(_chosen(wish)).mappings().all()
    return tuple(_overview(connection, row, now) for row in rows)


def overview_of(connection: Connection, intent_id: int, now: datetime) -> TransactionDetails:
    """One transaction.

    Raises:
        UnknownRecordError: There is none of this id.
    """
    read_intent(connection, intent_id)
    chosen = _joined().where(intents.c.intent_id == intent_id)
    return _overview(connection, connection.execute(chosen).mappings().one(), now)


def history_of(connection: Connection, overview: TransactionDetails) -> tuple[HistoryEntry, ...]:
    """The events of a transaction, its step, its nonces and their attempts, in their order."""
    record = overview.record
    keys = {
        EntityType.INTENT: [record.intent_id],
        EntityType.STEP: [record.intent.step_id],
        EntityType.SLOT: [slot.slot_id for slot in record.slots],
        EntityType.ATTEMPT: [each.attempt_id for each in overview.attempts],
    }
    found: list[RowMapping] = []
    for thing, ids in keys.items():
        of_thing = (events.c.thing == thing) & events.c.key.in_([str(each) for each in ids])
        found.extend(connection.execute(select(events).where(of_thing)).mappings())
    ordered = sorted(found, key=lambda row: row["event_id"])
    return tuple(HistoryEntry(**{name: row[name] for name in HAPPENING}) for row in ordered)


def holder_now(connection: Connection, chain_id: int, sender: str, now: datetime) -> str | None:
    """Which keeper holds the lease on a sender; None if it is free or over."""
    query = select(leases).where(leases.c.scope == sender_scope(chain_id, sender))
    row = connection.execute(query).mappings().first()
    if row is None or row["state"] != LeaseState.HELD or row["expires_at"] <= now:
        return None
    return row["holder"]


def senders_of(connection: Connection, vault: str, chain_id: int) -> tuple[str, ...]:
    """The accounts that have sent for a vault on a chain, the newest first."""
    of_vault = (runs.c.vault == vault) & (intents.c.chain_id == chain_id)
    chosen = select(intents.c.sender).select_from(_source()).where(of_vault)
    found = connection.scalars(chosen.order_by(intents.c.intent_id.desc()))
    return tuple(dict.fromkeys(found))


def vaults_of(connection: Connection, chain_id: int, sender: str) -> tuple[str, ...]:
    """The vaults, and senders of repairs, for which an account has sent, the newest first."""
    of_sender = (intents.c.chain_id == chain_id) & (intents.c.sender == sender.lower())
    chosen = select(runs.c.vault).select_from(_source()).where(of_sender)
    return tuple(dict.fromkeys(connection.scalars(chosen.order_by(intents.c.intent_id.desc()))))


def _chosen(wish: TransactionFilter) -> Select[Any, Any, Any, Any]:
    chosen = _joined()
    if wish.vault is not None:
        chosen = chosen.where(runs.c.vault == wish.vault)
    if wish.sender is not None:
        chosen = chosen.where(intents.c.sender == wish.sender.lower())
    if wish.states:
        chosen = chosen.where(intents.c.state.in_(wish.states))
    if wish.live:
        chosen = chosen.where(intents.c.state.not_in(ENDED_INTENTS))
    return chosen.order_by(intents.c.intent_id.desc()).limit(wish.limit)


def _joined() -> Select[Any, Any, Any, Any]:
    columns = (intents.c.intent_id, intents.c.step_id, intents.c.created_at, runs.c.vault)
    return select(*columns).select_from(_source())


def _source() -> Join:
    return intents.join(run_steps, run_steps.c.step_id == intents.c.step_id).join(
        runs, runs.c.run_id == run_steps.c.run_id
    )


def _overview(connection: Connection, row: RowMapping, now: datetime) -> TransactionDetails:
    record = read_intent(connection, row["intent_id"])
    new = record.intent
    return TransactionDetails(
        record=record,
        step=step_of(connection, row["step_id"]),
        vault=row["vault"],
        created_at=row["created_at"],
        times=_times(connection, [slot.slot_id for slot in record.slots]),
        pauses=tuple(
            each for each in read_pauses(connection) if stops(each, new.chain_id, new.sender)
        ),
        now=now,
    )


def _times(connection: Connection, slot_ids: Sequence[int]) -> dict[int, AttemptTimes]:
    chosen = select(slot_attempts).join(nonce_slots).where(nonce_slots.c.slot_id.in_(slot_ids))
    return {
        row["attempt_id"]: AttemptTimes(
            stored_at=row["stored_at"],
            sealed_at=row["sealed_at"],
            sent_at=row["broadcast_at"],
            refused_at=row["refused_at"],
        )
        for row in connection.execute(chosen).mappings()
    }
