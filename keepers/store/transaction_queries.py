"""Queries of intents with their nonce slots and attempts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from eth_utils.conversions import to_bytes
from sqlalchemy import Connection, Join, RowMapping, Select, select

from keepers.model.chain import AccessList
from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.transactions.details import AttemptTimes, HistoryEntry, TransactionDetails, stops
from keepers.model.transactions.records import (
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
from keepers.model.transactions.states import (
    ENDED_INTENTS,
    AttemptKind,
    AttemptState,
    EntityType,
    Hold,
    IntentState,
    LeaseState,
    RequestedAction,
    SlotState,
)
from keepers.store.attempts import BYTES
from keepers.store.intents import FACTS, of_sender
from keepers.store.pauses import read_pauses
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

SLOT = (
    *("slot_id", "intent_id", "chain_id", "sender", "nonce"),
    *("seen_block_number", "seen_block_hash"),
)
RECEIPT = ("block_number", "block_hash", "succeeded", "gas_used", "effective_gas_price")


def live_intents(connection: Connection, chain_id: int, sender: str) -> tuple[IntentRecord, ...]:
    """The intents of a sender that are not at their end, in the order of their making."""
    of_sender = (intents.c.chain_id == chain_id) & (intents.c.sender == sender.lower())
    live = select(intents).where(of_sender, intents.c.state.not_in(ENDED_INTENTS))
    rows = connection.execute(live.order_by(intents.c.intent_id)).mappings().all()
    return _records(connection, rows)


def intents_of_run(connection: Connection, run_id: str) -> tuple[IntentRecord, ...]:
    """The intents of a run, ended ones too, in the order of their making."""
    of_run = select(run_steps.c.step_id).where(run_steps.c.run_id == run_id)
    chosen = select(intents).where(intents.c.step_id.in_(of_run)).order_by(intents.c.intent_id)
    rows = connection.execute(chosen).mappings().all()
    return _records(connection, rows)


def read_intent(connection: Connection, intent_id: int) -> IntentRecord:
    """An intent with its slots and their attempts.

    Raises:
        UnknownRecordError: There is no such intent.
    """
    query = select(intents).where(intents.c.intent_id == intent_id)
    row = connection.execute(query).mappings().first()
    if row is None:
        raise UnknownRecordError(f"intents {intent_id}")
    return _records(connection, [row])[0]


def strangers(connection: Connection, chain_id: int, sender: str) -> tuple[NonceSlot, ...]:
    """Nonces of a sender that strangers consumed and no intent had, not final yet."""
    nobody = nonce_slots.c.intent_id.is_(None) & (nonce_slots.c.state == SlotState.FOREIGN)
    chosen = select(nonce_slots).where(of_sender(chain_id, sender), nobody)
    rows = connection.execute(chosen.order_by(nonce_slots.c.nonce)).mappings().all()
    return _slots(connection, rows)


def last_final(connection: Connection, chain_id: int, sender: str) -> Inclusion | ForeignUse | None:
    """What is final of a sender in the newest block: an inclusion, or a nonce that is a stranger's.

    Both are relied on: where a stranger's use is final, an intent may have another nonce.
    """
    whose = of_sender(chain_id, sender)
    ours = select(slot_attempts).join(nonce_slots).where(whose)
    ours = ours.where(slot_attempts.c.state == AttemptState.FINAL)
    ours = ours.order_by(slot_attempts.c.block_number.desc()).limit(1)
    other = select(nonce_slots).where(whose, nonce_slots.c.state == SlotState.FOREIGN_FINAL)
    other = other.where(nonce_slots.c.seen_block_number > 0)  # of the first version, none is known
    other = other.order_by(nonce_slots.c.seen_block_number.desc()).limit(1)
    found: list[Inclusion | ForeignUse] = [
        *map(_inclusion, connection.execute(ours).mappings()),
        *map(_foreign, connection.execute(other).mappings()),
    ]
    return max(found, key=lambda each: each.block_number, default=None)


def _records(connection: Connection, rows: Sequence[RowMapping]) -> tuple[IntentRecord, ...]:
    """Intents with all that is theirs, in four queries however many there are."""
    ids = [row["intent_id"] for row in rows]
    chosen = select(nonce_slots).where(nonce_slots.c.intent_id.in_(ids))
    found = connection.execute(chosen.order_by(nonce_slots.c.slot_id)).mappings().all()
    slots: defaultdict[int | None, list[NonceSlot]] = defaultdict(list)
    for slot in _slots(connection, found):
        slots[slot.intent_id].append(slot)
    steps = [row["step_id"] for row in rows]
    of_step = select(run_steps.c.step_id, run_steps.c.run_id).where(run_steps.c.step_id.in_(steps))
    runs_of = {row.step_id: row.run_id for row in connection.execute(of_step)}
    return tuple(_record(row, slots[row["intent_id"]], runs_of[row["step_id"]]) for row in rows)


def _record(row: RowMapping, slots: Sequence[NonceSlot], run_id: str) -> IntentRecord:
    return IntentRecord(
        intent_id=row["intent_id"],
        intent=NewIntent(**{name: row[name] for name in FACTS}),
        attempt_of_step=row["attempt_of_step"],
        state=IntentState(row["state"]),
        gas_limit=row["gas_limit"],
        reason=row["reason"],
        access_list=_access_list(row["access_list"]),
        hold=None if row["hold"] is None else Hold(row["hold"]),
        wanted=None if row["wanted"] is None else RequestedAction(row["wanted"]),
        slots=tuple(slots),
        run_id=run_id,
    )


def _slots(connection: Connection, rows: Sequence[RowMapping]) -> tuple[NonceSlot, ...]:
    if not rows:
        return ()
    ids = [row["slot_id"] for row in rows]
    chosen = select(slot_attempts).where(slot_attempts.c.slot_id.in_(ids))
    attempts: defaultdict[int, list[SlotAttempt]] = defaultdict(list)
    for row in connection.execute(chosen.order_by(slot_attempts.c.position)).mappings():
        attempts[row["slot_id"]].append(_attempt(row))
    return tuple(
        NonceSlot(
            state=SlotState(row["state"]),
            attempts=tuple(attempts[row["slot_id"]]),
            **{name: row[name] for name in SLOT},
        )
        for row in rows
    )


def _attempt(row: RowMapping) -> SlotAttempt:
    facts = {name: row[name] for name in BYTES if name != "kind"}
    mined = row["block_hash"] is not None
    return SlotAttempt(
        attempt_id=row["attempt_id"],
        position=row["position"],
        signed=SignedBytes(kind=AttemptKind(row["kind"]), sealed=_box(row), **facts),
        state=AttemptState(row["state"]),
        inclusion=_inclusion(row) if mined else None,
        broadcast_block=row["broadcast_block"],
        broadcast_at=row["broadcast_at"],
    )


def _inclusion(row: RowMapping) -> Inclusion:
    return Inclusion(**{name: row[name] for name in RECEIPT})


def _foreign(row: RowMapping) -> ForeignUse:
    return ForeignUse(
        chain_id=row["chain_id"],
        sender=row["sender"],
        nonce=row["nonce"],
        block_number=row["seen_block_number"],
        block_hash=row["seen_block_hash"],
    )


def _box(row: RowMapping) -> EncryptedPayload | None:
    if row["seal_box"] is None:
        return None
    return EncryptedPayload(to_bytes(hexstr=row["seal_digest"]), to_bytes(hexstr=row["seal_box"]))


def _access_list(stored: list[list[Any]] | None) -> AccessList:
    return tuple((account, tuple(slots)) for account, slots in stored or ())


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
