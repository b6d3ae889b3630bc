"""Both databases accept exactly the moves in the tables of moves, and refuse all others."""

# ruff: noqa: S608 - statements are built from names in this file

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Connection, MetaData, String, Table, text
from sqlalchemy.exc import IntegrityError

from keepers.model.approval import TICKET_MOVES, TicketState
from keepers.model.batch import BATCH_MOVES, INSTRUCTION_MOVES, BatchState, InstructionState
from keepers.model.notice import MESSAGE_MOVES, MessageState
from keepers.model.run import RUN_MOVES, RunStatus
from keepers.model.transaction_moves import pairs
from keepers.model.transaction_states import EntityType
from keepers.model.transfer import TRANSFER_MOVES
from keepers.store.connection import connect
from keepers.store.rules import create_triggers, move_rules, moves_of_tables
from tests.unit.store.ledger.samples import states_of

State = TypeVar("State", bound=StrEnum)
Moves = set[tuple[str | None, str]]
Case = tuple[str, Moves, list[str]]
"""Column, legal moves and all states of a table."""

DRAWN = ("A", "B", "C", "D")
DRAWN_MOVES = st.sets(st.tuples(st.sampled_from((None, *DRAWN)), st.sampled_from(DRAWN)))


def flat(moves: Mapping[State | None, frozenset[State]]) -> Moves:
    return {(start, end) for start, ends in moves.items() for end in ends}


def case(column: str, moves: Iterable[tuple[str | None, str]], states: Iterable[str]) -> Case:
    return column, {(start and str(start), str(end)) for start, end in moves}, [*map(str, states)]


PLACES = {(each.start and each.start.text, each.end.text) for each in TRANSFER_MOVES}
CASES = {
    **{str(thing): case("state", pairs(thing), states_of(thing)) for thing in EntityType},
    "runs": case("status", flat(RUN_MOVES), RunStatus),
    "tickets": case("state", flat(TICKET_MOVES), TicketState),
    "batches": case("state", flat(BATCH_MOVES), BatchState),
    "instructions": case("state", flat(INSTRUCTION_MOVES), InstructionState),
    "notifications": case("state", flat(MESSAGE_MOVES), MessageState),
    "transfers": case("position", PLACES, sorted({end for _, end in PLACES})),
}
REWRITTEN = {"batches", "instructions", "notifications", "transfers"}
"""Tables whose rows may be rewritten without a change of state."""


@pytest.fixture
def bare(url: str) -> Iterator[Connection]:
    """Connection whose changes are rolled back."""
    engine = connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_cases__are_all_tables_with_moves() -> None:
    assert {table.name for table, _ in moves_of_tables()} == CASES.keys()


@pytest.mark.parametrize("table", CASES)
def test_moves__only_those_of_the_table(bare: Connection, dialect: str, table: str) -> None:
    column, legal, states = CASES[table]
    _copy(bare, table, column, dialect)
    again = {(each, each) for each in states} if table in REWRITTEN else set[tuple[str, str]]()
    check(bare, f"bare_{table}", column, legal | again, states)


@given(
    moves=st.sets(st.tuples(st.sampled_from((None, *DRAWN)), st.sampled_from(DRAWN)), min_size=1)
)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_rules__of_any_table_of_moves__admit_exactly_its_moves(
    bare: Connection, moves: Moves
) -> None:
    drawn = Table("bare_drawn", MetaData(), Column("state", String(16)))
    tried = bare.begin_nested()
    drawn.create(bare)
    create_triggers(bare, move_rules(drawn, "state", frozenset(moves), rewritten=False))
    check(bare, drawn.name, "state", moves, DRAWN)
    tried.rollback()


def _copy(connection: Connection, table: str, column: str, dialect: str) -> None:
    """Copy only the triggers of moves to a new table, as other rules relate rows to each other."""
    names = [f"tr_{table}_move", f"tr_{table}_new"]
    if dialect == "postgres":
        query = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name"
    else:
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
    found = [connection.execute(text(query), {"name": name}).scalar_one() for name in names]
    connection.execute(text(f"CREATE TABLE bare_{table} ({column} VARCHAR(32))"))
    for name, statement in zip(names, found, strict=True):
        moved = statement.replace(f"TRIGGER {name}", f"TRIGGER bare_{name}", 1)
        moved = re.sub(rf"ON (public\.)?{table}\b", f"ON bare_{table}", moved, count=1)
        connection.exec_driver_sql(moved)


def check(sql: Connection, table: str, column: str, legal: Moves, states: Iterable[str]) -> None:
    """Try every initial state, and every move from each reachable state."""
    reached: list[str] = []
    for state in states:
        is_first = (None, state) in legal
        attempt(sql, f"INSERT INTO {table} ({column}) VALUES ('{state}')", legal=is_first)
    for current in states:
        way = path(legal, current)
        if way is None:
            continue
        reached.append(current)
        sql.execute(text(f"DELETE FROM {table}"))
        sql.execute(text(f"INSERT INTO {table} ({column}) VALUES ('{way[0]}')"))
        for each in way[1:]:
            sql.execute(text(f"UPDATE {table} SET {column} = '{each}'"))
        for wanted in states:
            update = f"UPDATE {table} SET {column} = '{wanted}'"
            attempt(sql, update, legal=(current, wanted) in legal)
    if table != "bare_drawn":
        assert reached == [*states]


def attempt(sql: Connection, statement: str, *, legal: bool) -> None:
    attempted = sql.begin_nested()
    if legal:
        assert sql.execute(text(statement)).rowcount == 1
    else:
        with pytest.raises(IntegrityError, match="tr_"):
            sql.execute(text(statement))
    attempted.rollback()


def path(legal: Moves, state: str) -> list[str] | None:
    """Return a sequence of states from an initial state to `state`, or None."""
    ways = [[end] for begin, end in sorted(legal, key=str) if begin is None]
    for way in ways:
        if way[-1] == state:
            return way
        ways += [
            [*way, end]
            for begin, end in sorted(legal, key=str)
            if begin == way[-1] and end not in {each for known in ways for each in known}
        ]
    return None
