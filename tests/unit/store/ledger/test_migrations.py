"""Migrations create exactly the tables and rules of the code, on both databases."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

from keepers.model.errors.run import StoreUnavailableError
from keepers.store import migrate
from keepers.store.connection import connect
from keepers.store.rules import create_triggers, rules
from keepers.store.tables import metadata
from tests.support.postgres import database

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
Schema = dict[tuple[str, str], list[str]]
"""Sorted clauses of each object: only the order of constraints may differ."""


@pytest.fixture
def new_engine(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[Callable[[], Engine]]:
    """Function that creates empty databases."""
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


def test_upgrade__makes_exactly_the_tables_and_rules_of_the_code(
    new_engine: Callable[[], Engine], dialect: str
) -> None:
    # Autogenerate sees neither CHECK constraints nor triggers; the schema query reads both.
    migrated, wanted = new_engine(), new_engine()
    migrate.upgrade(migrated)
    with migrated.connect() as connection:
        found = schema(connection, dialect)
    with wanted.begin() as connection:
        metadata.create_all(connection)
        create_triggers(connection, rules())
        expected = schema(connection, dialect)
    assert found == expected
    triggers = {name for kind, name in found if kind == "trigger"}
    assert triggers == {each.trigger for each in rules()}


def test_head__is_the_newest_script() -> None:
    assert ScriptDirectory(str(migrate.FOLDER)).get_current_head() == migrate.HEAD


def test_upgrade__killed_in_the_middle__leaves_the_database_empty(
    engine: Engine, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(connection: Connection) -> None:
        original(connection)
        raise KeyboardInterrupt

    original = migrate.run_migrations
    monkeypatch.setattr(migrate, "run_migrations", killed)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(engine)
    with engine.connect() as connection:
        assert schema(connection, dialect) == {}


@pytest.mark.parametrize("other", ["9999", "0012"])
def test_upgrade__database_of_another_version__refuses(engine: Engine, other: str) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{other}'"))  # noqa: S608
    with pytest.raises(StoreUnavailableError, match=rf"migration {other}\).*create a new database"):
        migrate.upgrade(engine)
