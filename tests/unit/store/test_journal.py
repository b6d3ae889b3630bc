from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from keepers.adapters.store import attempts
from keepers.adapters.store.connection import connect
from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_run import (
    DuplicateRecord,
    IllegalTransition,
    JournalRefused,
    JournalUnavailable,
    RunInProgress,
    UnknownAttempt,
    UnknownRun,
    UnknownStep,
)
from keepers.domain.run import AttemptOutcome, AttemptStatus, RunStatus, Stage, StepStatus
from tests.unit.store.samples import (
    LOST,
    NOON,
    REVERTED,
    SAMPLE,
    SUCCEEDED,
    attempt,
    run,
    step,
)


def test_run__complete__is_read_as_written(journal: SqlJournal) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {"plan": {"€": ["1", None, True]}})
    steps = journal.add_steps("r1", [step(0), step(1, depends_on=(0,))])
    attempt_id = journal.store_attempt(steps[0], attempt())
    journal.mark_broadcast(attempt_id)
    journal.settle_attempt(attempt_id, SUCCEEDED)
    journal.finish_step(steps[1], StepStatus.SKIPPED, "its sale failed")
    journal.record_stage("r1", Stage.RECORD, {})
    journal.close_run("r1", RunStatus.PARTIAL, "one of two")

    record = journal.run("r1")

    assert record.run == run()
    assert (record.status, record.reason) == (RunStatus.PARTIAL, "one of two")
    assert record.finished_at == NOON
    assert [each.stage for each in record.stages] == [Stage.PLAN, Stage.RECORD]
    assert record.stages[0].detail == {"plan": {"€": ["1", None, True]}}
    first, second = record.steps
    assert (first.step, first.status, first.error) == (step(0), StepStatus.DONE, None)
    assert (second.step, second.status) == (step(1, depends_on=(0,)), StepStatus.SKIPPED)
    assert second.error == "its sale failed"
    (stored,) = first.attempts
    assert (stored.attempt, stored.outcome) == (attempt(), SUCCEEDED)
    assert (stored.attempt_id, stored.step_id, stored.stored_at) == (attempt_id, steps[0], NOON)


def test_open_run__another_is_open__refuses_and_names_it(journal: SqlJournal) -> None:
    journal.open_run(run("r1"))
    with pytest.raises(RunInProgress) as caught:
        journal.open_run(run("r2"))
    assert (caught.value.vault, caught.value.run_id) == ("main", "r1")
    journal.open_run(run("r3", vault="other"))
    journal.close_run("r1", RunStatus.FAILED, "gone")
    journal.open_run(run("r2"))


def test_open_run__same_id_again__refuses(journal: SqlJournal) -> None:
    journal.open_run(run())
    journal.close_run("r1", RunStatus.NOTHING_TO_DO, None)
    with pytest.raises(DuplicateRecord):
        journal.open_run(run())


def test_open_run_of__after_a_crash__finds_it_with_its_unsettled_attempt(
    journal: SqlJournal, step_id: int
) -> None:
    journal.mark_broadcast(journal.store_attempt(step_id, attempt()))
    found = journal.open_run_of("main")
    assert found is not None
    assert found.steps[0].status is StepStatus.SENDING
    assert found.steps[0].attempts[0].status is AttemptStatus.BROADCAST
    assert found.steps[0].attempts[0].outcome is None
    assert journal.open_run_of("other") is None


@pytest.mark.parametrize(
    ("outcome", "status", "error"),
    [
        (SUCCEEDED, StepStatus.DONE, None),
        (REVERTED, StepStatus.FAILED, REVERTED.error),
        (LOST, StepStatus.FAILED, LOST.error),
    ],
    ids=["succeeded", "reverted", "lost"],
)
def test_settle_attempt__each_outcome__moves_its_step(
    journal: SqlJournal,
    step_id: int,
    outcome: AttemptOutcome,
    status: StepStatus,
    error: str | None,
) -> None:
    # A receipt may be found although the crash came before the broadcast was on record.
    journal.settle_attempt(journal.store_attempt(step_id, attempt()), outcome)
    after = journal.run("r1").steps[0]
    assert (after.status, after.error) == (status, error)
    assert after.attempts[0].outcome == outcome


def test_settle_attempt__success_without_receipt__writes_nothing(
    journal: SqlJournal, step_id: int
) -> None:
    attempt_id = journal.store_attempt(step_id, attempt())
    with pytest.raises(JournalRefused, match="ck_attempts_receipt"):
        journal.settle_attempt(attempt_id, replace(SUCCEEDED, block_hash=None))
    after = journal.run("r1").steps[0]
    assert (after.status, after.attempts[0].status) == (StepStatus.SENDING, AttemptStatus.STORED)


@pytest.mark.parametrize("status", [AttemptStatus.STORED, AttemptStatus.BROADCAST])
def test_settle_attempt__outcome_not_final__refuses(
    journal: SqlJournal, step_id: int, status: AttemptStatus
) -> None:
    attempt_id = journal.store_attempt(step_id, attempt())
    with pytest.raises(IllegalTransition):
        journal.settle_attempt(attempt_id, replace(LOST, status=status))


def test_settle_attempt__settled__refuses(journal: SqlJournal, step_id: int) -> None:
    attempt_id = journal.store_attempt(step_id, attempt())
    journal.settle_attempt(attempt_id, SUCCEEDED)
    with pytest.raises(IllegalTransition) as caught:
        journal.settle_attempt(attempt_id, LOST)
    assert (caught.value.current, caught.value.wanted) == ("SUCCEEDED", "LOST")
    with pytest.raises(IllegalTransition):
        journal.mark_broadcast(attempt_id)


def test_mark_broadcast__sent_again__is_fine(journal: SqlJournal, step_id: int) -> None:
    attempt_id = journal.store_attempt(step_id, attempt())
    journal.mark_broadcast(attempt_id)
    journal.mark_broadcast(attempt_id)
    assert journal.run("r1").steps[0].attempts[0].status is AttemptStatus.BROADCAST


def test_store_attempt__step_is_sending__refuses(journal: SqlJournal, step_id: int) -> None:
    journal.store_attempt(step_id, attempt(7))
    with pytest.raises(IllegalTransition):
        journal.store_attempt(step_id, attempt(8))
    assert len(journal.run("r1").steps[0].attempts) == 1


def test_store_attempt__same_transaction__refuses_and_leaves_the_step(journal: SqlJournal) -> None:
    journal.open_run(run())
    first, second = journal.add_steps("r1", [step(0), step(1)])
    journal.store_attempt(first, attempt())
    with pytest.raises(DuplicateRecord):
        journal.store_attempt(second, attempt())
    assert journal.run("r1").steps[1].status is StepStatus.PENDING


@pytest.mark.parametrize("status", [StepStatus.PENDING, StepStatus.SENDING, StepStatus.DONE])
def test_finish_step__status_needs_a_transaction__refuses(
    journal: SqlJournal, step_id: int, status: StepStatus
) -> None:
    with pytest.raises(IllegalTransition):
        journal.finish_step(step_id, status, None)


def test_finish_step__already_signed__refuses(journal: SqlJournal, step_id: int) -> None:
    journal.store_attempt(step_id, attempt())
    with pytest.raises(IllegalTransition):
        journal.finish_step(step_id, StepStatus.FAILED, "no")


def test_add_steps__index_taken__adds_none(journal: SqlJournal, step_id: int) -> None:
    with pytest.raises(DuplicateRecord):
        journal.add_steps("r1", [step(1), step(0)])
    assert [each.step_id for each in journal.run("r1").steps] == [step_id]


def test_record_stage__earlier_than_the_last__refuses(journal: SqlJournal) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {})
    journal.record_stage("r1", Stage.SIMULATION, {})
    with pytest.raises(IllegalTransition):
        journal.record_stage("r1", Stage.RISK, {})


def test_record_stage__last_one_again__newest_counts(journal: SqlJournal) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.RECORD, {"status": "DONE"})
    journal.record_stage("r1", Stage.RECORD, {"status": "INTERRUPTED"})
    (stage,) = journal.run("r1").stages
    assert stage.detail == {"status": "INTERRUPTED"}


def test_close_run__transaction_not_settled__refuses(journal: SqlJournal, step_id: int) -> None:
    journal.store_attempt(step_id, attempt())
    with pytest.raises(IllegalTransition, match="waiting for transaction"):
        journal.close_run("r1", RunStatus.INTERRUPTED, None)


def test_close_run__done_with_a_pending_step__refuses(journal: SqlJournal, step_id: int) -> None:
    with pytest.raises(IllegalTransition, match="PENDING"):
        journal.close_run("r1", RunStatus.DONE, None)
    journal.close_run("r1", RunStatus.DRY_RUN, None)
    assert journal.run("r1").steps[0].step_id == step_id


def test_close_run__as_open__refuses(journal: SqlJournal) -> None:
    journal.open_run(run())
    with pytest.raises(IllegalTransition):
        journal.close_run("r1", RunStatus.OPEN, None)


def test_closed_run__takes_nothing_more(journal: SqlJournal, step_id: int) -> None:
    journal.close_run("r1", RunStatus.INTERRUPTED, None)
    with pytest.raises(IllegalTransition):
        journal.close_run("r1", RunStatus.FAILED, None)
    with pytest.raises(IllegalTransition):
        journal.record_stage("r1", Stage.RECORD, {})
    with pytest.raises(IllegalTransition):
        journal.add_steps("r1", [step(1)])
    with pytest.raises(IllegalTransition):
        journal.store_attempt(step_id, attempt())
    with pytest.raises(IllegalTransition):
        journal.finish_step(step_id, StepStatus.SKIPPED, None)


def test_unknown_ids__are_named(journal: SqlJournal) -> None:
    with pytest.raises(UnknownRun, match="r9"):
        journal.run("r9")
    with pytest.raises(UnknownRun):
        journal.close_run("r9", RunStatus.FAILED, None)
    with pytest.raises(UnknownStep):
        journal.store_attempt(9, attempt())
    with pytest.raises(UnknownAttempt):
        journal.mark_broadcast(9)


def test_runs__newest_first_and_limited(journal: SqlJournal) -> None:
    for number in (1, 3, 2):
        journal.open_run(run(f"r{number}", vault=f"v{number % 2}"))
        journal.close_run(f"r{number}", RunStatus.NOTHING_TO_DO, None)
    assert [each.run.run_id for each in journal.runs()] == ["r3", "r2", "r1"]
    assert [each.run.run_id for each in journal.runs(limit=1)] == ["r3"]
    assert [each.run.run_id for each in journal.runs("v1")] == ["r3", "r1"]


def test_samples__newest_in_order_of_time(journal: SqlJournal) -> None:
    for block in (1, 2, 3):
        journal.record_sample(replace(SAMPLE, block_number=block))
    journal.record_sample(replace(SAMPLE, vault="other"))
    assert [each.block_number for each in journal.samples("main")] == [1, 2, 3]
    assert journal.samples("main", limit=2)[0] == replace(SAMPLE, block_number=2)


def test_times__of_another_zone__come_back_in_utc(journal: SqlJournal) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    journal.open_run(replace(run(), started_at=there))
    back = journal.run("r1").run.started_at
    assert back == NOON
    assert back.utcoffset() == timedelta(0)


def test_open_run__by_several_keepers_at_once__one_wins(url: str) -> None:
    def race(number: int) -> bool:
        journal = SqlJournal(connect(url))
        try:
            journal.open_run(run(f"r{number}"))
        except RunInProgress:
            return False
        finally:
            journal.close()
        return True

    with ThreadPoolExecutor(4) as keepers:
        assert sum(keepers.map(race, range(1, 9))) == 1


def test_write__process_dies_before_the_commit__leaves_nothing(
    journal: SqlJournal, url: str, step_id: int
) -> None:
    dying = connect(url)
    connection = dying.connect()
    attempts.insert_attempt(connection, step_id, attempt(), NOON)
    connection.connection.invalidate()  # as the kernel does it: closed, neither committed nor not
    after = journal.run("r1").steps[0]
    assert (after.status, after.attempts) == (StepStatus.PENDING, ())
    journal.store_attempt(step_id, attempt())
    dying.dispose()


@pytest.mark.parametrize("detail", ["not JSON", "[" * 100_000])
def test_run__stage_that_is_no_json__is_refused_as_unreadable(
    journal: SqlJournal, detail: str
) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {})
    with journal._database.write() as connection:  # pyright: ignore[reportPrivateUsage]
        connection.execute(text("UPDATE stages SET detail = :detail"), {"detail": detail})
    with pytest.raises(JournalUnavailable, match="did not write"):
        journal.run("r1")
