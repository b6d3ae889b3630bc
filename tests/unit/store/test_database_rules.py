"""Writes that the database refuses by its own rules, without the code of the run repository."""

# ruff: noqa: S608 - statements are built from names in this file

from dataclasses import replace

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError, StatementError

from keepers.model.run import RUN_MOVES, RunStatus
from keepers.store.runs import RunRepository
from tests.unit.store.samples import SAMPLE, run


@pytest.mark.parametrize("current", RunStatus)
def test_run_moves__only_those_of_the_table(
    journal: RunRepository, sql: Connection, current: RunStatus
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
        ("UPDATE runs SET status = 'MAYBE', finished_at = 't'", "tr_runs_move"),
        ("UPDATE runs SET status = 'DONE'", "ck_runs_finished"),
        ("UPDATE runs SET finished_at = 't'", "ck_runs_finished"),
        ("UPDATE run_steps SET state = 'FAILED'", "ck_run_steps_reason"),
        ("UPDATE run_steps SET reason = 'why'", "ck_run_steps_reason"),
        ("UPDATE run_steps SET run_id = 'r9'", "tr_run_steps_fixed|FOREIGN KEY"),
        ("UPDATE run_steps SET state = 'DONE'", "tr_run_steps"),
        ("INSERT INTO stages VALUES ('r1', 'LUNCH', 't', '{}')", "ck_stages_stage"),
        ("INSERT INTO stages VALUES ('r9', 'PLAN', 't', '{}')", "FOREIGN KEY"),
        ("DELETE FROM runs", "FOREIGN KEY"),
    ],
)
@pytest.mark.usefixtures("step_id")
def test_rules__broken__are_named(sql: Connection, statement: str, rule: str) -> None:
    with pytest.raises(IntegrityError, match=rule):
        sql.execute(text(statement))


@pytest.mark.parametrize(
    ("table", "key", "rule"),
    [
        ("runs", {"run_id": "'r2'"}, "runs.vault"),
        ("run_steps", {"step_id": "9"}, "run_steps.run_id, run_steps.position"),
    ],
)
@pytest.mark.usefixtures("step_id")
def test_second_of_what_there_is_once__is_refused(
    sql: Connection, table: str, key: dict[str, str], rule: str
) -> None:
    names: list[str] = [each.name for each in sql.execute(text(f"PRAGMA table_info({table})"))]
    values = ", ".join(key.get(name, name) for name in names)
    with pytest.raises(IntegrityError, match=rule):
        sql.execute(text(f"INSERT INTO {table} SELECT {values} FROM {table}"))


@pytest.mark.parametrize("amount", [-1, 2**256])
def test_amount__not_of_256_bits__is_refused(journal: RunRepository, amount: int) -> None:
    with pytest.raises(StatementError, match="256 bits"):
        journal.record_sample(replace(SAMPLE, values=(amount, 0, 0)))


def test_time__without_zone__is_refused(journal: RunRepository) -> None:
    with pytest.raises(StatementError, match="zone"):
        journal.open_run(run(started_at=SAMPLE.at.replace(tzinfo=None)))


def check_move(sql: Connection, statement: str, *, legal: bool) -> None:
    attempted = sql.begin_nested()
    if legal:
        assert sql.execute(text(statement)).rowcount == 1
    else:
        with pytest.raises(IntegrityError, match="tr_"):
            sql.execute(text(statement))
    attempted.rollback()
