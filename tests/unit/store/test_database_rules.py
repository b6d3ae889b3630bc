"""What the database refuses on its own, when something writes behind the journal's back."""

# ruff: noqa: S608 - statements are put together from names in this file

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, StatementError

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.run import AttemptStatus, RunStatus, StepStatus
from keepers.domain.run_moves import ATTEMPT_MOVES, RUN_MOVES, SETTLED, STEP_MOVES
from tests.unit.store.samples import LOST, REVERTED, SAMPLE, SUCCEEDED, attempt, run, step


@pytest.fixture
def signed(journal: SqlJournal, step_id: int) -> int:
    """A stored attempt."""
    return journal.store_attempt(step_id, attempt())


@pytest.mark.parametrize("current", StepStatus)
def test_step_moves__only_those_of_the_table(
    journal: SqlJournal, sql: Connection, step_id: int, current: StepStatus
) -> None:
    bring_step(journal, step_id, current)
    for wanted in StepStatus:
        legal = wanted in STEP_MOVES.get(current, ())
        check_move(sql, f"UPDATE steps SET status = '{wanted}', error = NULL", legal=legal)


@pytest.mark.parametrize("current", AttemptStatus)
def test_attempt_moves__only_those_of_the_table(
    journal: SqlJournal, sql: Connection, step_id: int, current: AttemptStatus
) -> None:
    bring_attempt(journal, step_id, current)
    for wanted in AttemptStatus:
        legal = wanted in ATTEMPT_MOVES.get(current, ())
        check_move(sql, f"UPDATE attempts SET {attempt_columns(wanted)}", legal=legal)


@pytest.mark.parametrize("current", RunStatus)
def test_run_moves__only_those_of_the_table(
    journal: SqlJournal, sql: Connection, current: RunStatus
) -> None:
    journal.open_run(run())
    if current is not RunStatus.OPEN:
        journal.close_run("r1", current, None)
    for wanted in RunStatus:
        legal = wanted in RUN_MOVES.get(current, ())
        finished = "NULL" if wanted is RunStatus.OPEN else "'t'"
        statement = f"UPDATE runs SET status = '{wanted}', finished_at = {finished}"
        check_move(sql, statement, legal=legal)


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("UPDATE runs SET status = 'MAYBE', finished_at = 't'", "ck_runs_status"),
        ("UPDATE runs SET status = 'DONE'", "ck_runs_finished"),
        ("UPDATE runs SET finished_at = 't'", "ck_runs_finished"),
        ("UPDATE steps SET tier = 3", "ck_steps_tier"),
        ("UPDATE steps SET error = 'why'", "ck_steps_error"),
        ("UPDATE steps SET run_id = 'r9'", "FOREIGN KEY"),
        ("UPDATE attempts SET status = 'LOST'", "ck_attempts_settled"),
        ("UPDATE attempts SET settled_at = 't'", "ck_attempts_settled"),
        ("UPDATE attempts SET status = 'BROADCAST'", "ck_attempts_broadcast"),
        ("UPDATE attempts SET broadcast_at = 't'", "ck_attempts_stored"),
        ("UPDATE attempts SET block_number = 1", "ck_attempts_receipt"),
        ("UPDATE attempts SET received = '1'", "ck_attempts_received"),
        ("UPDATE attempts SET raw = '0x00'", "tr_attempts_signed"),
        ("UPDATE attempts SET nonce = 8", "tr_attempts_signed"),
        ("INSERT INTO stages VALUES ('r1', 'LUNCH', 't', '{}')", "ck_stages_stage"),
        ("INSERT INTO stages VALUES ('r9', 'PLAN', 't', '{}')", "FOREIGN KEY"),
        ("DELETE FROM runs", "FOREIGN KEY"),
    ],
)
@pytest.mark.usefixtures("signed")
def test_rules__broken__are_named(sql: Connection, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule):
        sql.execute(text(statement))


@pytest.mark.parametrize(
    ("table", "key", "rule"),
    [
        ("runs", {"run_id": "'r2'"}, "runs.vault"),
        ("steps", {"step_id": "9"}, "steps.run_id, steps.position"),
        ("attempts", {"attempt_id": "9"}, "attempts.step_id|attempts.chain_id"),
    ],
)
@pytest.mark.usefixtures("signed")
def test_second_of_what_there_is_once__is_refused(
    sql: Connection, table: str, key: dict[str, str], rule: str
) -> None:
    names: list[str] = [each.name for each in sql.execute(text(f"PRAGMA table_info({table})"))]
    values = ", ".join(key.get(name, name) for name in names)
    with pytest.raises(IntegrityError, match=rule):
        sql.execute(text(f"INSERT INTO {table} SELECT {values} FROM {table}"))


@pytest.mark.parametrize("amount", [-1, 2**256])
def test_amount__not_of_256_bits__is_refused(journal: SqlJournal, amount: int) -> None:
    journal.open_run(run())
    with pytest.raises(StatementError, match="256 bits"):
        journal.add_steps("r1", [step(amount=amount)])


def test_time__without_zone__is_refused(journal: SqlJournal) -> None:
    with pytest.raises(StatementError, match="zone"):
        journal.open_run(run(started_at=SAMPLE.at.replace(tzinfo=None)))


def bring_step(journal: SqlJournal, step_id: int, status: StepStatus) -> None:
    if status in {StepStatus.FAILED, StepStatus.SKIPPED}:
        journal.finish_step(step_id, status, None)
    elif status is not StepStatus.PENDING:
        attempt_id = journal.store_attempt(step_id, attempt())
        if status is StepStatus.DONE:
            journal.settle_attempt(attempt_id, SUCCEEDED)


def bring_attempt(journal: SqlJournal, step_id: int, status: AttemptStatus) -> None:
    attempt_id = journal.store_attempt(step_id, attempt())
    outcomes = {each.status: each for each in (SUCCEEDED, REVERTED, LOST)}
    if status is AttemptStatus.BROADCAST:
        journal.mark_broadcast(attempt_id)
    elif status in outcomes:
        journal.settle_attempt(attempt_id, outcomes[status])


def attempt_columns(status: AttemptStatus) -> str:
    """Assignments that make a row which is right in itself, whatever came before."""
    receipt = "1" if status in {AttemptStatus.SUCCEEDED, AttemptStatus.REVERTED} else "NULL"
    columns = {
        "status": f"'{status}'",
        "settled_at": "'t'" if status in SETTLED else "NULL",
        "broadcast_at": "NULL" if status is AttemptStatus.STORED else "'t'",
        "received": "NULL",
        "block_number": receipt,
        "block_hash": receipt,
        "gas_used": receipt,
        "effective_gas_price": receipt,
    }
    return ", ".join(f"{name} = {value}" for name, value in columns.items())


def check_move(sql: Connection, statement: str, *, legal: bool) -> None:
    attempted = sql.begin_nested()
    if legal:
        assert sql.execute(text(statement)).rowcount == 1
    else:
        with pytest.raises(IntegrityError, match="tr_"):
            sql.execute(text(statement))
    attempted.rollback()
