"""Migrations make exactly the tables of the code, on both databases, and lose no data."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from keepers.adapters.store import migrate
from keepers.adapters.store.connection import connect
from keepers.adapters.store.journal import SqlJournal
from keepers.adapters.store.tables import metadata
from keepers.domain.errors_run import RunInProgress
from tests.support.postgres import database
from tests.unit.store.samples import attempt, run, step

SCHEMAS = {
    "sqlite": ("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",),
    "postgres": (
        (
            "SELECT 'constraint', conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        ),
        "SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        (
            "SELECT 'column', table_name || '.' || column_name, concat_ws(' ', data_type,"
            " character_maximum_length, is_nullable, column_default)"
            " FROM information_schema.columns WHERE table_schema = 'public'"
        ),
        "SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        (
            "SELECT 'function', proname, prosrc FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace"
        ),
    ),
}
ADDED = {"trigger", "function"}
"""What only migrations make."""

Schema = dict[tuple[str, str], list[str]]
"""Clauses of each object, in a fixed order: only that of the constraints may differ."""


@pytest.fixture
def new_engine(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], Engine]]:
    """Makes empty databases."""
    opened: list[Engine] = []

    def make() -> Engine:
        url = f"sqlite:///{tmp_path / str(len(opened))}.sqlite"
        if dialect == "postgres":
            url = database(request.getfixturevalue("server"))
        opened.append(connect(url))
        return opened[-1]

    yield make
    for each in opened:
        each.dispose()


@pytest.fixture
def engine(new_engine: Callable[[], Engine]) -> Engine:
    """An empty database."""
    return new_engine()


def schema(connection: Connection, dialect: str) -> Schema:
    rows = [row for query in SCHEMAS[dialect] for row in connection.execute(text(query))]
    return {
        (kind, name): sorted(each.strip(" ()") for each in " ".join(sql.split()).split(", "))
        for kind, name, sql in rows
        if "alembic_version" not in name
    }


def test_upgrade__from_empty__leaves_nothing_for_autogenerate(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrade__makes_exactly_the_tables_of_the_code(
    new_engine: Callable[[], Engine], dialect: str
) -> None:
    # Autogenerate does not see CHECK constraints; the database's own account of them does.
    migrated, wanted = new_engine(), new_engine()
    migrate.upgrade(migrated)
    with migrated.connect() as connection:
        found = schema(connection, dialect)
    with wanted.begin() as connection:
        metadata.create_all(connection)
        expected = schema(connection, dialect)
    assert {key: found[key] for key in found if key[0] not in ADDED} == expected


@pytest.mark.parametrize("target", ["base", "0001", "0002"])
def test_downgrade_and_upgrade__come_back_to_the_same(
    engine: Engine, dialect: str, target: str
) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        before = schema(connection, dialect)
        migrate.run_migrations(connection, target)
        if target == "base":
            assert schema(connection, dialect) == {}
        migrate.run_migrations(connection, migrate.HEAD)
        assert schema(connection, dialect) == before


def test_upgrade__runs_of_the_version_before__are_kept_as_rebalances(engine: Engine) -> None:
    migrate.upgrade(engine)
    journal = SqlJournal(engine)
    journal.open_run(run())
    journal.mark_broadcast(journal.store_attempt(journal.add_steps("r1", [step()])[0], attempt()))
    before = journal.run("r1")
    with engine.begin() as connection:
        migrate.run_migrations(connection, "0001")
    migrate.upgrade(engine)
    assert journal.run("r1") == before
    with pytest.raises(RunInProgress):
        journal.open_run(run("r2"))
