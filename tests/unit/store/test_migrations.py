from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, text

from keepers.model.errors.run import JournalUnavailable
from keepers.store import migrate
from keepers.store.connection import connect
from keepers.store.journal import open_journal
from keepers.store.tables import metadata

OBJECTS = text("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = connect(f"sqlite:///{tmp_path / 'new.sqlite'}")
    yield opened
    opened.dispose()


def schema(connection: Connection) -> dict[tuple[str, str], str]:
    rows = connection.execute(OBJECTS).all()
    return {(row.type, row.name): " ".join(row.sql.split()) for row in rows}


def test_upgrade__from_empty__leaves_nothing_for_autogenerate(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_upgrade__makes_exactly_the_tables_of_the_code(engine: Engine) -> None:
    # Autogenerate does not see CHECK constraints; the database's own text does.
    migrate.upgrade(engine)
    with engine.connect() as connection:
        migrated = schema(connection)
    memory = create_engine("sqlite://")
    with memory.begin() as connection:
        metadata.create_all(connection)
        wanted = schema(connection)
    memory.dispose()
    added = {name for kind, name in migrated.keys() - wanted.keys() if kind == "table"}
    assert added == {"alembic_version"}
    assert {key: sorted_clauses(migrated[key]) for key in wanted} == {
        key: sorted_clauses(statement) for key, statement in wanted.items()
    }


def sorted_clauses(statement: str) -> list[str]:
    """Clauses of a statement in a fixed order: only that of the constraints may differ."""
    return sorted(clause.strip(" ()") for clause in statement.split(", "))


def test_downgrade_and_upgrade__come_back_to_the_same(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        before = schema(connection)
        migrate.run_migrations(connection, "base")
        assert {name for _, name in schema(connection)} == {"alembic_version"}
        migrate.run_migrations(connection, migrate.HEAD)
        assert schema(connection) == before


def test_upgrade__killed_in_the_middle__leaves_the_database_empty(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(connection: Connection, target: str) -> None:
        original(connection, target)
        raise KeyboardInterrupt

    original = migrate.run_migrations
    monkeypatch.setattr(migrate, "run_migrations", killed)
    with pytest.raises(KeyboardInterrupt):
        migrate.upgrade(engine)
    with engine.connect() as connection:
        assert schema(connection) == {}


def test_head__is_the_newest_script() -> None:
    assert ScriptDirectory(str(migrate.FOLDER)).get_current_head() == migrate.HEAD


def test_upgrade__database_of_a_newer_version__refuses(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(JournalUnavailable, match="9999"):
        migrate.upgrade(engine)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://someone:secret@host/db", "postgresql is not supported"),
        ("a database, please", "is not the URL"),
        ("sqlite+no_such_driver:///x", "sqlite.no_such_driver is not supported"),
        ("sqlite:///:memory:", "must be in a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "must be in a file"),
        (f"sqlite:////{'x' * 300}/x.sqlite", "is not the path of a file"),
        ("sqlite:////\0/x.sqlite", "."),
        ("sqlite:////no/such/folder/x.sqlite", "there is no folder /no/such/folder"),
    ],
)
def test_open_journal__unusable_url__says_why_without_the_url(url: str, problem: str) -> None:
    with pytest.raises(JournalUnavailable, match=problem) as caught:
        open_journal(url)
    assert "secret" not in str(caught.value)


def test_open_journal__file_is_something_else__says_so(tmp_path: Path) -> None:
    file = tmp_path / "notes.sqlite"
    file.write_text("not a database, but long enough to be looked at" * 10)
    with pytest.raises(JournalUnavailable, match="not a database"):
        open_journal(f"sqlite:///{file}")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 500)],
)
def test_connections__are_durable_and_checked(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value
