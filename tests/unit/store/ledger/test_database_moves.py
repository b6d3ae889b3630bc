"""Every move of every thing, asked of the database itself: legal ones pass, all others do not."""

# ruff: noqa: S608 - statements are put together from names in this file

import re
from collections.abc import Iterator
from enum import StrEnum

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from keepers.model.transactions.moves import pairs
from keepers.model.transactions.states import Thing
from keepers.store.connection import connect
from keepers.store.sending.transitions import TABLES


@pytest.fixture
def bare(url: str, dialect: str) -> Iterator[Connection]:
    """The triggers of moves without the other rules, which want rows to fit together.

    The tables are copied without their constraints, and the triggers of moves made for the copies.
    """
    engine = connect(url)
    with engine.connect() as connection:
        for thing in Thing:
            _copy(connection, thing, dialect)
        yield connection
    engine.dispose()


def _copy(connection: Connection, thing: Thing, dialect: str) -> None:
    names = [f"tr_{thing}_move", f"tr_{thing}_new"]
    if dialect == "postgres":
        query = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE tgname = :name"
    else:
        query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
    found = [connection.execute(text(query), {"name": name}).scalar_one() for name in names]
    connection.execute(text(f"CREATE TABLE bare_{thing} (state VARCHAR(16))"))
    for name, statement in zip(names, found, strict=True):
        moved = statement.replace(f"TRIGGER {name}", f"TRIGGER bare_{name}", 1)
        moved = re.sub(rf"ON (public\.)?{thing}\b", f"ON bare_{thing}", moved, count=1)
        connection.exec_driver_sql(moved)


def attempt(sql: Connection, statement: str, *, legal: bool) -> None:
    attempted = sql.begin_nested()
    if legal:
        assert sql.execute(text(statement)).rowcount == 1
    else:
        with pytest.raises(IntegrityError, match="tr_"):
            sql.execute(text(statement))
    attempted.rollback()


@pytest.mark.parametrize("thing", Thing)
def test_moves__only_those_of_the_table(bare: Connection, thing: Thing) -> None:
    _, states = TABLES[thing]
    legal = pairs(thing)
    for wanted in states:
        insert = f"INSERT INTO bare_{thing} (state) VALUES ('{wanted}')"
        attempt(bare, insert, legal=(None, wanted) in legal)
    for current in states:
        start(bare, thing, current)
        for wanted in states:
            update = f"UPDATE bare_{thing} SET state = '{wanted}'"
            attempt(bare, update, legal=(current, wanted) in legal)


def start(sql: Connection, thing: Thing, state: StrEnum) -> None:
    """One row in a state, by a way that the table has."""
    sql.execute(text(f"DELETE FROM bare_{thing}"))
    way = path(thing, state)
    sql.execute(text(f"INSERT INTO bare_{thing} (state) VALUES ('{way[0]}')"))
    for each in way[1:]:
        sql.execute(text(f"UPDATE bare_{thing} SET state = '{each}'"))


def path(thing: Thing, state: StrEnum) -> list[StrEnum]:
    """From a beginning to a state."""
    ways = [[end] for begin, end in pairs(thing) if begin is None]
    for way in ways:
        if way[-1] is state:
            return way
        ways += [[*way, end] for begin, end in pairs(thing) if begin is way[-1] and end not in way]
    raise AssertionError(state)
