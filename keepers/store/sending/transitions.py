"""Moving things from state to state: only as the table of moves says, and never without a trace."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, RowMapping, Table, insert, select, update

from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.transactions.moves import Move, is_legal
from keepers.model.transactions.states import (
    AttemptState,
    IntentState,
    LeaseState,
    RequestState,
    SlotState,
    StepState,
    Thing,
    TickState,
)
from keepers.model.transactions.transitions import Cause
from keepers.store.sending.events import append_event
from keepers.store.sending.transact import Writing
from keepers.store.tables import (
    intents,
    leases,
    nonce_slots,
    requests,
    run_steps,
    slot_attempts,
    ticks,
)

TABLES: Mapping[Thing, tuple[Table, type[StrEnum]]] = MappingProxyType(
    {
        Thing.STEP: (run_steps, StepState),
        Thing.INTENT: (intents, IntentState),
        Thing.SLOT: (nonce_slots, SlotState),
        Thing.ATTEMPT: (slot_attempts, AttemptState),
        Thing.REQUEST: (requests, RequestState),
        Thing.LEASE: (leases, LeaseState),
        Thing.TICK: (ticks, TickState),
    }
)


def find(writing: Writing, thing: Thing, key: int | str) -> RowMapping:
    """The row of a thing.

    Raises:
        UnknownRecordError: There is none.
    """
    table, _ = TABLES[thing]
    row = writing.connection.execute(select(table).where(_key(table) == key)).mappings().first()
    if row is None:
        raise UnknownRecordError(f"{thing} {key}")
    return row


def begin(writing: Writing, thing: Thing, state: StrEnum, cause: Cause, **values: object) -> Any:  # noqa: ANN401
    """Insert a thing in its first state; answers its key.

    Raises:
        IllegalMoveError: Nothing begins so.
    """
    if not is_legal(Move(thing, None, state, cause)):
        raise IllegalMoveError(f"new {thing}", "nothing", state, cause)
    table, _ = TABLES[thing]
    row = insert(table).values(state=state, **values).returning(_key(table))
    key = writing.connection.execute(row).scalar_one()
    append_event(writing, thing, key, cause, to_state=state)
    return key


def move(
    writing: Writing, thing: Thing, key: int | str, state: StrEnum, cause: Cause, **values: object
) -> None:
    """Bring a thing to another state, and write what goes with it.

    Raises:
        UnknownRecordError: There is no such thing.
        IllegalMoveError: The table does not have this move.
    """
    table, states = TABLES[thing]
    current = states(find(writing, thing, key)["state"])
    if not is_legal(Move(thing, current, state, cause)):
        raise IllegalMoveError(f"{thing} {key}", current, state, cause)
    changed = update(table).where(_key(table) == key).values(state=state, **values)
    writing.connection.execute(changed)
    append_event(writing, thing, key, cause, from_state=current, to_state=state)


def _key(table: Table) -> Column[Any]:
    return table.primary_key.columns[0]
