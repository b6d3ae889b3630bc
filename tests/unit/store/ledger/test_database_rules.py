"""Writes that both databases refuse by their own rules, without the code of the store."""

# ruff: noqa: S608 - statements are built from names in this file

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from keepers.model.transaction_records import account_scope
from keepers.model.transaction_states import EntityType, StepState, Transition
from keepers.store import requests
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.tables import metadata
from keepers.store.ticks import claim_tick
from keepers.store.transitions import move
from tests.unit.store.ledger.samples import GWEI, NOON, REQUEST, StillClock
from tests.unit.store.ledger.story import Story


@pytest.fixture(scope="module")
def world(new_url: Callable[[], str], discard: Callable[[str], None]) -> Iterator[Connection]:
    """Database with one record of each kind, created once; writes of a test are rolled back."""
    url = new_url()
    engine = connect(url)
    fill(Story(Database(engine, clock=StillClock())))
    with engine.connect() as connection:
        yield connection
    engine.dispose()
    discard(url)


def fill(story: Story) -> None:
    """Create intents 1 broadcast, 2 with a nonce, 3 audited, 4 final, 5 included, 6 refused bytes.

    The steps have the same numbers; 7 is pending, 8 has a request, 9 is active without an effect.
    """
    story.broadcast()
    story.numbered()
    story.audited()
    final, _, attempt_id = story.broadcast()
    story.include(attempt_id, 3)
    story.finalise(final, 3)
    _, _, attempt_id = story.broadcast()
    story.include(attempt_id, 4)
    _, slot_id = story.numbered()
    story.refuse(story.store(slot_id))
    story.step()
    asked = replace(REQUEST, step_id=story.step())
    free = story.step()
    story.do(lambda writing: claim_tick(writing, "hourly", NOON, "one"))
    story.lease = story.acquire(account_scope("desk"))
    story.do(lambda writing: requests.submit_request(writing, asked))
    story.do(
        lambda writing: move(writing, EntityType.STEP, free, StepState.ACTIVE, Transition.SUBMIT)
    )


def copy(table: str, where: str, **changes: str) -> str:
    """Return an INSERT that copies a row except for the given columns."""
    columns = [each.name for each in metadata.tables[table].columns]
    values = ", ".join(changes.get(each, each) for each in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} WHERE {where}"


def intent(**changes: str) -> str:
    new = {"intent_id": "99", "idempotency_key": "'x'", "attempt_of_step": "9"}
    return copy("intents", "intent_id = 1", **{**new, "state": "'QUEUED'", **changes})


def slot(**changes: str) -> str:
    new = {"slot_id": "99", "intent_id": "3", "nonce": "99", "state": "'RESERVED'"}
    return copy("nonce_slots", "slot_id = 2", **{**new, **changes})


def attempt(**changes: str) -> str:
    """Return an INSERT of a valid bump of slot 1's attempt, except for the changes."""
    new = {
        "attempt_id": "99",
        "position": "1",
        "kind": "'BUMP'",
        "transaction_hash": "'0x99'",
        "state": "'SIGNED'",
        "sealed_at": "NULL",
        "broadcast_at": "NULL",
        "broadcast_block": "NULL",
    }
    return copy("slot_attempts", "attempt_id = 1", **{**new, **changes})


def request(**changes: str) -> str:
    new = {"request_id": "99", "client_key": "'x'"}
    return copy("requests", "request_id = 1", **{**new, **changes})


def update(table: str, key: int, **changes: str) -> str:
    column = metadata.tables[table].primary_key.columns[0].name
    values = ", ".join(f"{name} = {value}" for name, value in changes.items())
    return f"UPDATE {table} SET {values} WHERE {column} = {key}"


RECEIPT = {
    "block_number": "1",
    "block_hash": "'0x1'",
    "succeeded": "true",
    "gas_used": "'1'",
    "effective_gas_price": "'1'",
}
SEEN = {"seen_block_number": "1", "seen_block_hash": "'0x1'"}
LESS = f"'{99 * GWEI}'"
MUCH = "'1" + "0" * 20 + "'"
SHORTER = "'99'"
KEPT = (
    *("run_steps", "intents", "nonce_slots", "slot_attempts", "requests", "leases", "ticks"),
    "events",
)
ACCEPTED = [
    intent(step_id="9"),
    slot(),
    slot(state="'FOREIGN'", intent_id="NULL", **SEEN),
    attempt(),
    attempt(kind="'CANCEL'", max_fee_per_gas=MUCH, max_priority_fee_per_gas=MUCH),
    request(step_id="9"),
]
"""Valid rows, which show that each row in `REFUSED` is refused because of its change."""

REFUSED = [
    # A step has one live effect and belongs to an open run.
    (intent(), "uq_intents_live|intents.step_id"),
    (intent(step_id="7"), "tr_intents_step"),
    (intent(step_id="8"), "tr_intents_step"),
    (intent(step_id="4"), "tr_intents_step"),
    (intent(step_id="77"), "tr_intents_step|foreign key|FOREIGN KEY"),
    (intent(idempotency_key="idempotency_key"), "idempotency_key"),
    (intent(attempt_of_step="attempt_of_step"), "attempt_of_step|uq_intents_live|step_id"),
    (intent(attempt_of_step="-1"), "ck_intents_attempt_of_step"),
    (intent(state="'BUILT'"), "tr_intents_new"),
    (intent(state="'FINAL'"), "tr_intents_new"),
    (intent(sender="'0xABC'"), "ck_intents_sender"),
    (request(), "uq_requests_live|requests.step_id"),
    (request(step_id="1"), "tr_requests_step"),
    (request(step_id="7"), "tr_requests_step"),
    (request(client_key="client_key"), "client_key"),
    (request(state="'SENT'", sent_at="'t'"), "tr_requests_new"),
    ("UPDATE runs SET status = 'DONE', finished_at = 't'", "tr_runs_effects"),
    ("UPDATE runs SET kind = 'LUNCH'", "ck_runs_kind"),
    (update("run_steps", 7, state="'MAYBE'"), "run_steps"),
    (update("run_steps", 7, state="'SKIPPED'"), "ck_run_steps_reason"),
    (update("run_steps", 7, run_id="'r9'"), "tr_run_steps_fixed"),
    (copy("run_steps", "step_id = 7", step_id="99"), "uq_run_steps|run_steps.position"),
    (copy("run_steps", "step_id = 7", step_id="99", position="-1"), "ck_run_steps_position"),
    (copy("run_steps", "step_id = 7", step_id="99", run_id="'r9'"), "tr_run_steps_begin"),
    # The state of an intent matches its nonce slot and attempts.
    (update("intents", 1, state="'INCLUDED'"), "tr_intents_slot"),
    (update("intents", 1, state="'DISPLACED'"), "tr_intents_slot"),
    (update("intents", 2, state="'SIGNED'"), "tr_intents_slot|tr_intents_attempt"),
    (update("intents", 6, state="'SIGNED'"), "tr_intents_attempt"),
    (update("intents", 2, state="'QUEUED'"), "tr_intents_(move|slot)"),
    (update("intents", 2, state="'BLOCKED'", reason="'x'"), "tr_intents_slot"),
    (update("intents", 2, state="'FAILED'", reason="'x'"), "tr_intents_slot"),
    (update("intents", 2, state="'CANCELLED'"), "tr_intents_slot"),
    (update("intents", 3, state="'NUMBERED'"), "tr_intents_slot"),
    (update("intents", 3, state="'FAILED'"), "ck_intents_reason"),
    (update("intents", 3, state="'BLOCKED'"), "ck_intents_reason"),
    (update("intents", 3, gas_limit="NULL"), "ck_intents_built"),
    (update("intents", 5, state="'FINAL'"), "tr_intents_slot|tr_intents_outcome"),
    (update("intents", 4, state="'INCLUDED'"), "tr_intents_"),
    (update("intents", 1, calldata="'0x'"), "tr_intents_fixed"),
    (update("intents", 1, idempotency_key="'y'"), "tr_intents_fixed"),
    # A nonce has one slot; an intent has one slot, and none before its audit.
    (slot(intent_id="1"), "tr_nonce_slots_intent"),
    (slot(intent_id="4"), "tr_nonce_slots_intent"),
    (slot(intent_id="NULL"), "nonce_slots_intent"),
    (slot(chain_id="2"), "tr_nonce_slots_intent"),
    (slot(sender="'0x01'"), "tr_nonce_slots_intent"),
    (slot(nonce="8"), "uq_nonce_slots_nonce|nonce_slots.nonce"),
    (slot(nonce="-1"), "ck_nonce_slots_nonce"),
    (slot(state="'IN_USE'"), "tr_nonce_slots_new"),
    (slot(state="'OURS'"), "tr_nonce_slots_new"),
    (slot(state="'VOID'"), "tr_nonce_slots_new"),
    (
        slot(state="'FOREIGN'", seen_block_number="1", seen_block_hash="'x'"),
        "tr_nonce_slots_intent",
    ),
    (slot(state="'FOREIGN'", intent_id="NULL"), "ck_nonce_slots_seen"),
    (update("nonce_slots", 2, state="'IN_USE'"), "tr_nonce_slots_attempts"),
    (update("nonce_slots", 2, seen_block_hash="'0x'"), "ck_nonce_slots_seen"),
    (update("nonce_slots", 1, state="'OURS'"), "tr_nonce_slots_attempts"),
    (update("nonce_slots", 1, state="'VOID'"), "tr_nonce_slots_move|tr_nonce_slots_attempts"),
    (update("nonce_slots", 4, state="'IN_USE'"), "tr_nonce_slots_attempts"),
    (update("nonce_slots", 4, state="'OURS_FINAL'"), "tr_nonce_slots_attempts"),
    (update("nonce_slots", 2, nonce="50"), "tr_nonce_slots_fixed"),
    (update("nonce_slots", 2, intent_id="3"), "tr_nonce_slots_fixed"),
    # Signed bytes: one hash, one unsent, none for a consumed nonce, never cheaper, never changed.
    (attempt(transaction_hash="transaction_hash"), "transaction_hash"),
    (attempt(slot_id="4"), "tr_slot_attempts_"),
    (attempt(slot_id="3"), "tr_slot_attempts_"),
    (attempt(slot_id="77"), "tr_slot_attempts_"),
    (attempt(position="0"), "tr_slot_attempts_position"),
    (attempt(position="2"), "tr_slot_attempts_position"),
    (attempt(slot_id="2", position="0"), "tr_slot_attempts_bump|ck_slot_attempts_bump"),
    (attempt(kind="'ORIGINAL'"), "uq_slot_attempts_original|slot_attempts.slot_id"),
    (attempt(kind="'GIFT'"), "ck_slot_attempts_kind"),
    (attempt(max_fee_per_gas=LESS), "tr_slot_attempts_fees"),
    (attempt(max_priority_fee_per_gas=SHORTER), "tr_slot_attempts_fees"),
    (attempt(max_fee_per_gas=SHORTER), "tr_slot_attempts_fees"),
    (attempt(max_priority_fee_per_gas=MUCH), "ck_slot_attempts_tip"),
    (attempt(state="'SEALED'", sealed_at="'t'"), "tr_slot_attempts_new"),
    (attempt(state="'BROADCAST'"), "tr_slot_attempts_new"),
    (attempt(sealed_at="'t'"), "ck_slot_attempts_signed"),
    (attempt(block_hash="'0x'"), "ck_slot_attempts_receipt"),
    (update("slot_attempts", 1, raw="'0x00'"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, transaction_hash="'0x00'"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, max_fee_per_gas=MUCH), "tr_slot_attempts_fixed"),
    (update("slot_attempts", 1, slot_id="2"), "tr_slot_attempts_fixed"),
    (update("slot_attempts", 1, raw="'0x'"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, transaction_hash="'0x'"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, broadcast_block="2"), "tr_slot_attempts_once"),
    (update("slot_attempts", 4, broadcast_block="2"), "ck_slot_attempts_broadcast_block"),
    (update("slot_attempts", 4, seal_box="'0x'"), "ck_slot_attempts_box"),
    (attempt(raw="NULL", transaction_hash="NULL"), "ck_slot_attempts_opened"),
    (attempt(raw="NULL"), "ck_slot_attempts_bytes"),
    (update("intents", 1, gas_cap="'1'"), "tr_intents_fixed"),
    (update("intents", 1, hold="'WEATHER'"), "ck_intents_hold"),
    (update("intents", 1, wanted="'MORE'"), "ck_intents_wanted"),
    (update("slot_attempts", 1, broadcast_at="'t'"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, sealed_at="NULL"), "tr_slot_attempts_once"),
    (update("slot_attempts", 1, refused_at="'t'"), "ck_slot_attempts_left_refused"),
    (update("slot_attempts", 1, state="'INCLUDED'"), "ck_slot_attempts_receipt"),
    (update("slot_attempts", 1, **RECEIPT), "ck_slot_attempts_receipt"),
    (update("slot_attempts", 1, state="'FINAL'"), "tr_slot_attempts_"),
    (
        update("slot_attempts", 3, state="'BROADCAST'", broadcast_at="'t'", broadcast_block="1"),
        "tr_slot_attempts_",
    ),
    (
        update("slot_attempts", 4, broadcast_at="'t'", broadcast_block="1"),
        "ck_slot_attempts_left_",
    ),
    (update("slot_attempts", 4, state="'DROPPED'"), "tr_slot_attempts_place"),
    # A request keeps the time when it was sent.
    (update("requests", 1, state="'SENT'"), "ck_requests_sent"),
    (update("requests", 1, sent_at="'t'"), "ck_requests_queued"),
    (update("requests", 1, state="'CANCELLED'"), "ck_requests_reason"),
    (update("requests", 1, body="'{}'"), "tr_requests_fixed"),
    (update("requests", 1, client_key="'y'"), "tr_requests_fixed"),
    # A tick is claimed once; an epoch never decreases, and increases with each new holder.
    (copy("ticks", "tick_id = 1", tick_id="99"), "ticks"),
    (copy("ticks", "tick_id = 1", tick_id="99", due="'t'", state="'RUN'"), "ticks_"),
    (update("ticks", 1, state="'RUN'"), "ck_ticks_run"),
    (update("ticks", 1, state="'SKIPPED'"), "ck_ticks_skipped"),
    (update("ticks", 1, state="'RUN'", run_id="'r9'"), "FOREIGN KEY|foreign key"),
    (update("ticks", 1, due="'t'"), "tr_ticks_fixed"),
    ("UPDATE leases SET epoch = 0", "leases_epoch"),
    ("UPDATE leases SET epoch = 3", "tr_leases_epoch"),
    ("UPDATE leases SET holder = 'two'", "tr_leases_epoch"),
    ("UPDATE leases SET holder = NULL", "ck_leases_held"),
    ("UPDATE leases SET state = 'FREE'", "ck_leases_held"),
    ("UPDATE leases SET scope = 'x'", "tr_leases_fixed"),
    (copy("leases", "holder = 'one'", epoch="2"), "tr_leases_first"),
    (copy("leases", "holder = 'one'"), "leases"),
    # No row is deleted.
    *((f"DELETE FROM {each}", f"tr_{each}_kept") for each in KEPT),
    ("UPDATE events SET cause = 'x'", "tr_events_fixed"),
    ("DELETE FROM runs", "FOREIGN KEY|foreign key"),
]


@pytest.mark.parametrize(("statement", "rule"), REFUSED, ids=map(str, range(len(REFUSED))))
def test_rules__broken__are_named(world: Connection, statement: str, rule: str) -> None:
    attempted = world.begin_nested()
    with pytest.raises(IntegrityError, match=rule):
        world.execute(text(statement))
    attempted.rollback()


@pytest.mark.parametrize("statement", ACCEPTED, ids=map(str, range(len(ACCEPTED))))
def test_rules__kept__are_silent(world: Connection, statement: str) -> None:
    attempted = world.begin_nested()
    assert world.execute(text(statement)).rowcount == 1
    attempted.rollback()
