"""Migrations make exactly the tables of the code, on both databases, and lose no data."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, text

from keepers.model.errors.run import RunInProgress
from keepers.store import migrate
from keepers.store.connection import connect
from keepers.store.journal import SqlJournal
from keepers.store.records import step_detail
from keepers.store.sending.sender import SqlSenderLedger
from keepers.store.sending.transact import Ledger
from keepers.store.tables import metadata
from tests.support.postgres import database
from tests.unit.store.samples import NOON, attempt, run, step

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


STATUSES = ("STORED", "BROADCAST", "SUCCEEDED", "REVERTED", "LOST")


def fill_as_before(connection: Connection) -> None:
    """An open run with a step for each status of an attempt, and one that was skipped."""
    row = {"run_id": "r1", "vault": "main", "at": NOON.isoformat(timespec="microseconds")}
    connection.execute(
        text(
            "INSERT INTO runs (run_id, vault, chain_id, trigger, armed, started_at, status, kind)"
            " VALUES (:run_id, :vault, 1, 'auto', true, :at, 'OPEN', 'REBALANCE')"
        ),
        row,
    )
    for number, status in enumerate((*STATUSES, None)):
        fill_step(connection, number, status)


def fill_step(
    connection: Connection, number: int, status: str | None, nonce: int | None = None
) -> None:
    steps = {"SUCCEEDED": "DONE", "REVERTED": "FAILED", "LOST": "FAILED", None: "SKIPPED"}
    facts = {**step_detail(step(number)), "depends_on": "[]", "position": number}
    facts |= {"status": steps.get(status, "SENDING"), "run_id": "r1", "step_id": number + 1}
    insert_row(connection, "steps", facts)
    if status is None:
        return
    made = asdict(attempt(number, sender="0x" + "Cc" * 20))
    made |= {name: str(made[name]) for name in made if name.startswith(("max_", "gas_"))}
    made |= {"nonce": number if nonce is None else nonce}
    made |= {"step_id": number + 1, "status": status, "stored_at": NOON.isoformat()}
    sent, mined = status != "STORED", status in {"SUCCEEDED", "REVERTED"}
    made |= {"broadcast_at": NOON.isoformat() if sent else None}
    made |= {"settled_at": NOON.isoformat() if status in steps else None}
    receipt = {"block_number": 7, "block_hash": "0x7", "gas_used": "9", "effective_gas_price": "2"}
    made |= receipt if mined else {}
    made |= {"received": str(2**255), "slippage_bps": "1.5"} if status == "SUCCEEDED" else {}
    insert_row(connection, "attempts", made)


def insert_row(connection: Connection, table: str, row: Mapping[str, object]) -> None:
    marks = ", ".join(f":{name}" for name in row)
    query = f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})"  # noqa: S608
    connection.execute(text(query), dict(row))


def test_upgrade__runs_of_the_version_before__are_kept(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        migrate.run_migrations(connection, "0003")
        fill_as_before(connection)
    migrate.upgrade(engine)
    journal = SqlJournal(Ledger(engine))
    kept = journal.run("r1").steps
    assert [each.step for each in kept] == [step(number) for number in range(6)]
    assert [each.status for each in kept] == [
        *("SENDING", "SENDING", "DONE", "FAILED", "FAILED", "SKIPPED"),
    ]
    found = [each for record in kept for each in record.attempts]
    assert [each.status for each in found] == list(STATUSES)
    assert [each.attempt.nonce for each in found] == [0, 1, 2, 3, 4]
    outcome = found[2].outcome
    assert outcome is not None
    assert (outcome.received, outcome.slippage_bps, outcome.block_number) == (2**255, "1.5", 7)
    with pytest.raises(RunInProgress):
        journal.open_run(run("r2"))


def test_upgrade__what_was_under_way__goes_on_with_the_engine(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        migrate.run_migrations(connection, "0003")
        fill_as_before(connection)
    migrate.upgrade(engine)
    sender = SqlSenderLedger(Ledger(engine), 1, "0x" + "cc" * 20, holder="one", lease_seconds=60)
    sender.acquire()
    stored, broadcast = sender.live()
    assert (stored.state, broadcast.state) == ("SEALED", "BROADCAST")
    sender.sent(stored.slots[0].attempts[0].attempt_id, 8)
    assert sender.intent(stored.intent_id).state == "BROADCAST"
    assert sender.first_unknown_nonce() == 5


@pytest.mark.parametrize("other", ["SUCCEEDED", "LOST"])
def test_upgrade__nonce_that_two_runs_of_a_key_were_at__is_kept_once(
    engine: Engine, other: str
) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        migrate.run_migrations(connection, "0003")
        fill_as_before(connection)
        fill_step(connection, 6, other, nonce=4)
    migrate.upgrade(engine)
    sender = SqlSenderLedger(Ledger(engine), 1, "0x" + "cc" * 20, holder="one", lease_seconds=60)
    assert sender.first_unknown_nonce() == 5
    steps = SqlJournal(Ledger(engine)).run("r1").steps
    kept = {each.attempt.nonce: each.status for record in steps for each in record.attempts}
    assert len([each for record in steps for each in record.attempts]) == 6
    assert kept[4] == other
