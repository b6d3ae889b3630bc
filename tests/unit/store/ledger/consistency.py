"""Invariants of the store between transactions, independent of the code that writes it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sqlalchemy import Connection, RowMapping, select

from keepers.model.transaction_moves import pairs
from keepers.model.transaction_states import HOLDING, LIVE_SLOTS, EntityType
from keepers.store.tables import events
from keepers.store.transitions import TABLES

Rows = dict[int, RowMapping]
MINED = {"INCLUDED", "FINAL"}
OPEN = {"SIGNED", "SEALED", "BROADCAST", "REFUSED"}
HELD_BY = {
    "RESERVED": {"NUMBERED"},
    "IN_USE": {"NUMBERED", "SIGNED", "SEALED", "BROADCAST"},
    "OURS": {"INCLUDED", "SAFE"},
    "FOREIGN": {"DISPLACED"},
}
ALLOWED = {
    "RESERVED": set[str](),
    "VOID": set[str](),
    "IN_USE": OPEN,
    "OURS": {"INCLUDED", "REPLACED", "REFUSED"},
    "FOREIGN": {"REPLACED", "REFUSED"},
    "OURS_FINAL": {"FINAL", "DROPPED"},
    "FOREIGN_FINAL": {"DROPPED"},
}
"""States of attempts that are possible for each state of a slot."""

STEP_OF = {"FINAL": "DONE", "REVERTED": "FAILED", "CANCELLED": "FAILED", "FAILED": "FAILED"}


@dataclass(frozen=True)
class Picture:
    """All rows of the store by their keys."""

    steps: Rows
    intents: Rows
    slots: Rows
    attempts: Rows
    events: tuple[RowMapping, ...]

    def slots_of(self, intent_id: int) -> list[RowMapping]:
        return [each for each in self.slots.values() if each["intent_id"] == intent_id]

    def attempts_of(self, slot_id: int) -> list[RowMapping]:
        return [each for each in self.attempts.values() if each["slot_id"] == slot_id]


def picture(connection: Connection, *, with_events: bool = True) -> Picture:
    def rows(thing: EntityType) -> Rows:
        table = TABLES[thing]
        key = table.primary_key.columns[0]
        found = connection.execute(select(table).order_by(key)).mappings().all()
        return {row[key.name]: row for row in found}

    told: Sequence[RowMapping] = ()
    if with_events:
        told = connection.execute(select(events).order_by(events.c.event_id)).mappings().all()
    return Picture(
        steps=rows(EntityType.STEP),
        intents=rows(EntityType.INTENT),
        slots=rows(EntityType.SLOT),
        attempts=rows(EntityType.ATTEMPT),
        events=tuple(told),
    )


def check(now: Picture) -> None:
    check_rows(now)
    _check_events(now)


def check_rows(now: Picture) -> None:
    for slot in now.slots.values():
        _check_slot(now, slot)
    for intent in now.intents.values():
        _check_intent(now, intent)
    _check_nonces(now)


def _check_slot(now: Picture, slot: RowMapping) -> None:
    attempts = now.attempts_of(slot["slot_id"])
    states = {each["state"] for each in attempts}
    assert states <= ALLOWED[slot["state"]]
    assert sum(each["state"] in MINED for each in attempts) == slot["state"].startswith("OURS")
    assert bool(attempts) or slot["state"] in {"RESERVED", "VOID", "FOREIGN", "FOREIGN_FINAL"}
    assert sum(each["state"] in {"SIGNED", "SEALED"} for each in attempts) <= 1
    standing = [each for each in attempts if each["refused_at"] is None]
    for before, after in pairwise(standing):
        assert after["max_fee_per_gas"] >= before["max_fee_per_gas"]
        assert after["max_priority_fee_per_gas"] >= before["max_priority_fee_per_gas"]
        assert before["kind"] != "CANCEL" or after["kind"] == "CANCEL"
    assert all(each["sealed_at"] for each in attempts if each["broadcast_at"])


def _check_intent(now: Picture, intent: RowMapping) -> None:
    slots = now.slots_of(intent["intent_id"])
    live = [each for each in slots if each["state"] in LIVE_SLOTS]
    assert len(live) == (intent["state"] in HOLDING)
    for slot in live:
        assert intent["state"] in HELD_BY[slot["state"]]
        standing = [each["state"] for each in now.attempts_of(slot["slot_id"])]
        if slot["state"] == "IN_USE":
            order = ("BROADCAST", "SEALED", "SIGNED")
            furthest = next((each for each in order if each in standing), "NUMBERED")
            assert intent["state"] == furthest
    final = [
        attempt
        for slot in slots
        for attempt in now.attempts_of(slot["slot_id"])
        if attempt["state"] == "FINAL"
    ]
    assert len(final) <= 1, "an intent was executed twice"
    if intent["state"] in {"FINAL", "REVERTED"}:
        assert final[0]["kind"] != "CANCEL"
        assert final[0]["succeeded"] == (intent["state"] == "FINAL")
    last = max(
        each["attempt_of_step"]
        for each in now.intents.values()
        if each["step_id"] == intent["step_id"]
    )
    if intent["attempt_of_step"] == last and intent["state"] not in {"INCLUDED", "SAFE"}:
        step = now.steps[intent["step_id"]]["state"]
        assert step == STEP_OF.get(intent["state"], "ACTIVE")


def _check_nonces(now: Picture) -> None:
    held = [each["nonce"] for each in now.slots.values() if each["state"] != "VOID"]
    assert len(set(held)) == len(held)


def _check_events(now: Picture) -> None:
    """Check that the events lead to the current state of each entity."""
    told: defaultdict[tuple[str, str], str | None] = defaultdict(lambda: None)
    for event in now.events:
        if event["to_state"] is not None and event["entity"] in set(EntityType):
            key = event["entity"], event["key"]
            assert event["from_state"] == told[key]
            legal = {(start, end) for start, end in pairs(EntityType(event["entity"]))}
            assert (event["from_state"], event["to_state"]) in legal
            told[key] = event["to_state"]
    for thing, rows in (
        (EntityType.STEP, now.steps),
        (EntityType.INTENT, now.intents),
        (EntityType.SLOT, now.slots),
        (EntityType.ATTEMPT, now.attempts),
    ):
        assert {key: row["state"] for key, row in rows.items()} == {
            int(key): state for (of, key), state in told.items() if of == thing
        }
