from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy import text

from keepers.model.errors.run import (
    DuplicateRecordError,
    IllegalTransitionError,
    RunInProgressError,
    StoreUnavailableError,
    UnknownRunError,
)
from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.run import AttemptStatus, RunRecord, RunStatus, Stage, StepStatus
from keepers.store import run_writes as writing_runs
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from tests.unit.store.ledger.samples import signed
from tests.unit.store.samples import NOON, SAMPLE, run, step
from tests.unit.store.sending import Sending


def test_run__complete__is_read_as_written(journal: RunRepository, sending: Sending) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {"plan": {"€": ["1", None, True]}})
    steps = journal.add_steps("r1", [step(0), step(1, depends_on=(0,))])
    _, attempt_id = sending.sent(steps[0])
    sending.include(attempt_id)
    journal.skip_step(steps[1], "its sale failed")
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
    bytes_of, kept = signed(1), stored.signed
    assert (kept.transaction_hash, kept.raw) == (bytes_of.transaction_hash, bytes_of.raw)
    assert (stored.nonce, kept.max_fee_per_gas) == (0, bytes_of.max_fee_per_gas)
    assert (stored.attempt.attempt_id, stored.attempt.stored_at) == (attempt_id, NOON)
    assert first.step_id == steps[0]


def test_open_run__another_is_open__refuses_and_names_it(journal: RunRepository) -> None:
    journal.open_run(run("r1"))
    with pytest.raises(RunInProgressError) as caught:
        journal.open_run(run("r2"))
    assert (caught.value.vault, caught.value.run_id) == ("main", "r1")
    journal.open_run(run("r3", vault="other"))
    journal.close_run("r1", RunStatus.FAILED, "gone")
    journal.open_run(run("r2"))


def test_open_run__same_id_again__refuses(journal: RunRepository) -> None:
    journal.open_run(run())
    journal.close_run("r1", RunStatus.NOTHING_TO_DO, None)
    with pytest.raises(DuplicateRecordError):
        journal.open_run(run())


def test_open_run_of__after_a_crash__finds_it_with_what_is_under_way(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    sending.sent(step_id)
    found = journal.open_run_of("main")
    assert found is not None
    assert found.steps[0].status is StepStatus.SENDING
    assert found.steps[0].attempts[0].status is AttemptStatus.BROADCAST
    assert found.steps[0].attempts[0].outcome is None
    assert journal.open_run_of("other") is None


def test_add_steps__more_of_them__follow_those_before(journal: RunRepository, step_id: int) -> None:
    more = journal.add_steps("r1", [step(1), step(2)])
    found = journal.run("r1").steps
    assert [each.step_id for each in found] == [step_id, *more]
    assert [each.step.index for each in found] == [0, 1, 2]


def test_fail_step__pending__fails_with_its_reason(journal: RunRepository, step_id: int) -> None:
    journal.fail_step(step_id, "no quote")
    (found,) = journal.run("r1").steps
    assert (found.status, found.error) == (StepStatus.FAILED, "no quote")


@pytest.mark.parametrize("ended", ["failed", "skipped", "asked for", "done"])
def test_steps__not_pending__are_neither_failed_nor_skipped(
    journal: RunRepository, sending: Sending, step_id: int, ended: str
) -> None:
    match ended:
        case "failed":
            journal.fail_step(step_id, "first")
        case "skipped":
            journal.skip_step(step_id, "first")
        case "asked for":
            sending.submit(step_id)
        case _:
            sending.include(sending.sent(step_id)[1])
    before = journal.run("r1")
    with pytest.raises(IllegalMoveError):
        journal.fail_step(step_id, "second")
    with pytest.raises(IllegalMoveError):
        journal.skip_step(step_id, "second")
    assert journal.run("r1") == before


def test_record_stage__earlier_than_the_last__refuses(journal: RunRepository) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {})
    journal.record_stage("r1", Stage.SIMULATION, {})
    with pytest.raises(IllegalTransitionError):
        journal.record_stage("r1", Stage.RISK, {})


def test_record_stage__last_one_again__newest_counts(journal: RunRepository) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.RECORD, {"status": "DONE"})
    journal.record_stage("r1", Stage.RECORD, {"status": "INTERRUPTED"})
    (stage,) = journal.run("r1").stages
    assert stage.detail == {"status": "INTERRUPTED"}


def test_close_run__step_is_under_way__refuses(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    sending.sent(step_id)
    with pytest.raises(IllegalTransitionError, match="waiting for step 0"):
        journal.close_run("r1", RunStatus.INTERRUPTED, None)


def test_close_run__included_and_not_final_yet__is_closed(
    journal: RunRepository, sending: Sending, step_id: int
) -> None:
    intent_id, attempt_id = sending.sent(step_id)
    sending.include(attempt_id)
    journal.close_run("r1", RunStatus.DONE, None)
    sending.finalise(intent_id)
    assert journal.run("r1").steps[0].status is StepStatus.DONE


def test_close_run__done_with_a_step_that_is_not__refuses(
    journal: RunRepository, step_id: int
) -> None:
    with pytest.raises(IllegalTransitionError, match="not done with step 0, PENDING"):
        journal.close_run("r1", RunStatus.DONE, None)
    journal.fail_step(step_id, "no quote")
    with pytest.raises(IllegalTransitionError, match="not done with step 0, FAILED"):
        journal.close_run("r1", RunStatus.DONE, None)


def test_close_run__not_an_end__refuses(journal: RunRepository) -> None:
    journal.open_run(run())
    with pytest.raises(IllegalTransitionError):
        journal.close_run("r1", RunStatus.OPEN, None)


def test_closed_run__takes_nothing_more(journal: RunRepository) -> None:
    journal.open_run(run())
    journal.close_run("r1", RunStatus.INTERRUPTED, None)
    with pytest.raises(IllegalTransitionError):
        journal.close_run("r1", RunStatus.FAILED, None)
    with pytest.raises(IllegalTransitionError):
        journal.record_stage("r1", Stage.RECORD, {})
    with pytest.raises(IllegalTransitionError):
        journal.add_steps("r1", [step(1)])


def test_unknown_ids__are_named(journal: RunRepository) -> None:
    with pytest.raises(UnknownRunError, match="r9"):
        journal.run("r9")
    with pytest.raises(UnknownRunError):
        journal.close_run("r9", RunStatus.FAILED, None)
    with pytest.raises(UnknownRunError):
        journal.record_stage("r9", Stage.PLAN, {})
    with pytest.raises(UnknownRunError):
        journal.add_steps("r9", [step()])
    with pytest.raises(UnknownRecordError, match="run_steps 9"):
        journal.skip_step(9, "never was")
    with pytest.raises(UnknownRecordError, match="run_steps 9"):
        journal.fail_step(9, "never was")


def test_runs__newest_first_and_limited(journal: RunRepository) -> None:
    for number in (1, 3, 2):
        journal.open_run(run(f"r{number}", vault=f"v{number % 2}"))
        journal.close_run(f"r{number}", RunStatus.NOTHING_TO_DO, None)
    assert [each.run.run_id for each in journal.runs()] == ["r3", "r2", "r1"]
    assert [each.run.run_id for each in journal.runs(limit=1)] == ["r3"]
    assert [each.run.run_id for each in journal.runs("v1")] == ["r3", "r1"]


def test_samples__newest_in_order_of_time(journal: RunRepository) -> None:
    for block in (1, 2, 3):
        journal.record_sample(replace(SAMPLE, block_number=block))
    journal.record_sample(replace(SAMPLE, vault="other"))
    assert [each.block_number for each in journal.samples("main")] == [1, 2, 3]
    assert journal.samples("main", limit=2)[0] == replace(SAMPLE, block_number=2)


def test_times__of_another_zone__come_back_in_utc(journal: RunRepository) -> None:
    there = NOON.astimezone(timezone(timedelta(hours=8)))
    journal.open_run(replace(run(), started_at=there))
    back = journal.run("r1").run.started_at
    assert back == NOON
    assert back.utcoffset() == timedelta(0)


def test_open_run__by_several_keepers_at_once__one_wins(url: str) -> None:
    def race(number: int) -> bool:
        journal = RunRepository(Database(connect(url)))
        try:
            journal.open_run(run(f"r{number}"))
        except RunInProgressError:
            return False
        finally:
            journal.close()
        return True

    with ThreadPoolExecutor(4) as keepers:
        assert sum(keepers.map(race, range(1, 9))) == 1


def test_write__process_dies_before_the_commit__leaves_nothing(
    journal: RunRepository, url: str
) -> None:
    dying = connect(url)
    connection = dying.connect()
    writing_runs.insert_run(connection, run())
    connection.connection.invalidate()  # closed without commit or rollback, as after a kill
    assert journal.runs() == ()
    journal.open_run(run())
    dying.dispose()


@pytest.mark.parametrize("detail", ["not JSON", "[" * 100_000])
def test_run__stage_that_is_no_json__is_refused_as_unreadable(
    journal: RunRepository, ledger: Database, detail: str
) -> None:
    journal.open_run(run())
    journal.record_stage("r1", Stage.PLAN, {})
    spoil = text("UPDATE stages SET detail = :detail")
    ledger.transact("spoil", lambda w: w.connection.execute(spoil, {"detail": detail}))
    with pytest.raises(StoreUnavailableError, match="did not write"):
        journal.run("r1")


def test_close_run__every_ending__is_told_once(ledger: Database) -> None:
    told: list[tuple[str, RunStatus]] = []
    journal = RunRepository(ledger, closed=lambda each: told.append((each.run.run_id, each.status)))
    journal.open_run(run())
    journal.close_run("r1", RunStatus.DONE, None, then=run("r2"))
    journal.close_run("r2", RunStatus.INTERRUPTED, "killed")
    assert told == [("r1", RunStatus.DONE), ("r2", RunStatus.INTERRUPTED)]


def test_close_run__not_admitted__is_not_told(ledger: Database) -> None:
    told: list[RunRecord] = []
    journal = RunRepository(ledger, closed=told.append)
    with pytest.raises(UnknownRunError):
        journal.close_run("r1", RunStatus.DONE, None)
    assert told == []
