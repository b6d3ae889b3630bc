"""The database admits exactly the moves of the tables in the code: transfers, batches, orders."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import IntegrityError

from keepers.model.batch import BATCH_MOVES, INSTRUCTION_MOVES, BatchState, InstructionState
from keepers.model.transfer import TRANSFER_MOVES
from keepers.store.connection import connect
from keepers.store.migrate import upgrade

TRANSFERS = {(each.start and each.start.text, each.end.text) for each in TRANSFER_MOVES}
PLACES = sorted({each.end.text for each in TRANSFER_MOVES})


def flat(
    moves: Mapping[BatchState | None, frozenset[BatchState]]
    | Mapping[InstructionState | None, frozenset[InstructionState]],
) -> set[tuple[str | None, str]]:
    return {(start, end) for start, ends in moves.items() for end in ends}


CASES = {
    "transfers": ("place", TRANSFERS, PLACES),
    "batches": ("state", flat(BATCH_MOVES), [str(each) for each in BatchState]),
    "instructions": ("state", flat(INSTRUCTION_MOVES), [str(each) for each in InstructionState]),
}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    made = connect(f"sqlite:///{tmp_path_factory.mktemp('moves') / 'ledger.sqlite'}")
    upgrade(made)
    return made


@pytest.mark.parametrize("table", CASES)
def test_moves__are_those_of_the_code(engine: Engine, table: str) -> None:
    column, legal, values = CASES[table]
    with engine.connect() as connection:
        connection.execute(text(f"CREATE TABLE bare_{table} ({column} VARCHAR(32))"))
        for kind in ("new", "move"):
            query = "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name"
            name = f"tr_{table}_{kind}"
            made = connection.execute(text(query), {"name": name}).scalar_one()
            bare = made.replace(f"TRIGGER {name}", f"TRIGGER bare_{name}", 1)
            connection.exec_driver_sql(re.sub(rf"ON {table}\b", f"ON bare_{table}", bare, count=1))
        for value in values:
            insert = f"INSERT INTO bare_{table} VALUES ('{value}')"  # noqa: S608
            assert is_admitted(connection, insert) == ((None, value) in legal), value
        connection.exec_driver_sql(f"DROP TRIGGER bare_tr_{table}_new")
        for start in values:
            connection.exec_driver_sql(f"DELETE FROM bare_{table}")  # noqa: S608
            connection.exec_driver_sql(f"INSERT INTO bare_{table} VALUES ('{start}')")  # noqa: S608
            for end in values:
                update = f"UPDATE bare_{table} SET {column} = '{end}'"  # noqa: S608
                expected = start == end or (start, end) in legal
                assert is_admitted(connection, update) == expected, (start, end)
        connection.rollback()


def is_admitted(connection: Connection, statement: str) -> bool:
    attempted = connection.begin_nested()
    try:
        connection.exec_driver_sql(statement)
    except IntegrityError:
        return False
    finally:
        attempted.rollback()
    return True
