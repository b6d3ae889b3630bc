"""Queries of intents with their nonce slots and attempts."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from eth_utils.conversions import to_bytes
from sqlalchemy import Connection, RowMapping, select

from keepers.model.chain import AccessList
from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.transactions.records import (
    EncryptedPayload,
    ForeignUse,
    Inclusion,
    IntentRecord,
    NewIntent,
    NonceSlot,
    SignedBytes,
    SlotAttempt,
)
from keepers.model.transactions.states import (
    ENDED_INTENTS,
    AttemptKind,
    AttemptState,
    Hold,
    IntentState,
    RequestedAction,
    SlotState,
)
from keepers.store.attempts import BYTES
from keepers.store.intents import FACTS, of_sender
from keepers.store.tables import intents, nonce_slots, run_steps, slot_attempts

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
