"""State transitions: only legal moves, each with an event in the same transaction."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from sqlalchemy import Column, RowMapping, Table, insert, select, update

from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.json_document import JsonObject
from keepers.model.transaction_moves import Move, is_legal
from keepers.model.transaction_states import EntityType, Transition
from keepers.store.database import Writing
from keepers.store.tables import (
    events,
    intents,
    leases,
    nonce_slots,
    requests,
    run_steps,
    slot_attempts,
    ticks,
)

NOTHING: JsonObject = {}


def append_event(
    writing: Writing,
    entity: str,
    key: int | str,
    cause: str,
    *,
    from_state: str | None = None,
    to_state: str | None = None,
    detail: JsonObject = NOTHING,
) -> None:
    """Append an event; events are never changed."""
    lease = writing.lease
    row = insert(events).values(
        at=writing.now,
        write_name=writing.name,
        scope=None if lease is None else lease.scope,
        epoch=None if lease is None else lease.epoch,
        entity=entity,
        key=str(key),
        from_state=from_state,
        to_state=to_state,
        cause=cause,
        detail=detail,
    )
    writing.connection.execute(row)


TABLES: Mapping[EntityType, Table] = MappingProxyType(
    {
        EntityType.STEP: run_steps,
        EntityType.INTENT: intents,
        EntityType.SLOT: nonce_slots,
        EntityType.ATTEMPT: slot_attempts,
        EntityType.REQUEST: requests,
        EntityType.LEASE: leases,
        EntityType.TICK: ticks,
    }
)


def find(writing: Writing, entity: EntityType, key: int | str) -> RowMapping:
    """Return the row of an entity.

    Raises:
        UnknownRecordError: There is no such row.
    """
    table = TABLES[entity]
    row = writing.connection.execute(select(table).where(_key(table) == key)).mappings().first()
    if row is None:
        raise UnknownRecordError(f"{entity} {key}")
    return row


def begin(
    writing: Writing, entity: EntityType, state: StrEnum, cause: Transition, **values: object
) -> Any:  # noqa: ANN401
    """Insert an entity in its initial state; return its key.

    Raises:
        IllegalMoveError: The initial state is not legal.
    """
    if not is_legal(Move(entity, None, state, cause)):
        raise IllegalMoveError(f"new {entity}", "nothing", state, cause)
    table = TABLES[entity]
    row = insert(table).values(state=state, **values).returning(_key(table))
    key = writing.connection.execute(row).scalar_one()
    append_event(writing, entity, key, cause, to_state=state)
    return key


def move(
    writing: Writing,
    entity: EntityType,
    key: int | str,
    state: StrEnum,
    cause: Transition,
    **values: object,
) -> None:
    """Move an entity to another state, and write further values.

    Raises:
        UnknownRecordError: There is no such entity.
        IllegalMoveError: The transition is not legal.
    """
    table = TABLES[entity]
    current = find(writing, entity, key)["state"]
    if not is_legal(Move(entity, current, state, cause)):
        raise IllegalMoveError(f"{entity} {key}", current, state, cause)
    changed = update(table).where(_key(table) == key).values(state=state, **values)
    writing.connection.execute(changed)
    append_event(writing, entity, key, cause, from_state=current, to_state=state)


def _key(table: Table) -> Column[Any]:
    return table.primary_key.columns[0]
