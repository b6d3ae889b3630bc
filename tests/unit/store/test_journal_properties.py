"""Random sequences of calls, legal or not, compared with rules that are checked in dictionaries."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from keepers.model.errors import BallastError
from keepers.model.errors.run import RunInProgressError
from keepers.model.run import AttemptStatus, RunRecord, RunStatus, StepStatus
from keepers.model.transaction_states import AttemptKind
from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from tests.support.sqlite import new_database
from tests.unit.store.ledger.samples import StillClock
from tests.unit.store.samples import run, step
from tests.unit.store.sending import Sending

pytestmark = [pytest.mark.long, pytest.mark.deep]

FINAL_STEPS = {StepStatus.DONE, StepStatus.FAILED, StepStatus.SKIPPED}
STEP_OF = {
    AttemptStatus.STORED: StepStatus.SENDING,
    AttemptStatus.BROADCAST: StepStatus.SENDING,
    AttemptStatus.SUCCEEDED: StepStatus.DONE,
    AttemptStatus.REVERTED: StepStatus.FAILED,
}
some_id = st.integers(1, 6)


class JournalMachine(RuleBasedStateMachine):
    """Machine that calls any method at any time; sometimes another process takes over."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory()
        self.url = new_database(Path(self.folder.name) / "journal.sqlite")
        self.journal = self.open()
        self.opened = self.bytes = 0
        self.before: dict[str, RunRecord] = {}

    def open(self) -> RunRepository:
        ledger = Database(connect(self.url), clock=StillClock())
        self.sending = Sending(ledger)
        return RunRepository(ledger)

    def teardown(self) -> None:
        self.journal.close()
        self.folder.cleanup()

    @rule()
    def restart(self) -> None:
        self.journal.close()
        self.journal = self.open()

    @rule(vault=st.sampled_from(["a", "b"]))
    def open_run(self, vault: str) -> None:
        busy = self.journal.open_run_of(vault)
        new = run(f"r{self.opened + 1}", vault=vault)
        if busy is None:
            self.journal.open_run(new)
            self.opened += 1
        else:
            with pytest.raises(RunInProgressError, match=busy.run.run_id):
                self.journal.open_run(new)

    @rule(number=some_id)
    def add_step(self, number: int) -> None:
        record = self.records().get(f"r{number}")
        index = len(record.steps) if record else 0
        self.tried(lambda: self.journal.add_steps(f"r{number}", [step(index)]))

    @rule(step_id=some_id)
    def store_bytes(self, step_id: int) -> None:
        self.bytes += 1
        self.sending.bytes = self.bytes
        self.tried(lambda: self.sending.numbered(step_id))
        self.tried(lambda: self.sending.store(self.intent_of(step_id), AttemptKind.ORIGINAL))

    @rule(attempt_id=some_id)
    def send(self, attempt_id: int) -> None:
        self.tried(lambda: self.sending.ledger.seal(attempt_id, None))
        self.tried(lambda: self.sending.ledger.sent(attempt_id, 1))

    @rule(attempt_id=some_id, succeeded=st.booleans())
    def include(self, attempt_id: int, *, succeeded: bool) -> None:
        self.tried(lambda: self.sending.include(attempt_id, succeeded=succeeded))

    @rule(intent_id=some_id)
    def finalise(self, intent_id: int) -> None:
        self.tried(lambda: self.sending.finalise(intent_id))

    @rule(step_id=some_id, fails=st.booleans())
    def end_step(self, step_id: int, *, fails: bool) -> None:
        end = self.journal.fail_step if fails else self.journal.skip_step
        self.tried(lambda: end(step_id, "no"))

    @rule(number=some_id, status=st.sampled_from(RunStatus))
    def close(self, number: int, status: RunStatus) -> None:
        self.tried(lambda: self.journal.close_run(f"r{number}", status, None))

    def tried(self, call: Callable[[], object]) -> None:
        """Try a call; a refused call changes nothing."""
        before = self.records()
        try:
            call()
        except BallastError:
            assert self.records() == before

    def intent_of(self, step_id: int) -> int:
        """Return the intent of a step, or 0 if it has none."""
        for record in self.records().values():
            for each in self.sending.ledger.of_run(record.run.run_id):
                if each.intent.step_id == step_id:
                    return each.intent_id
        return 0

    def records(self) -> dict[str, RunRecord]:
        return {record.run.run_id: record for record in self.journal.runs(limit=None)}

    @invariant()
    def at_most_one_open_run_per_vault(self) -> None:
        open_runs = [each for each in self.records().values() if each.status is RunStatus.OPEN]
        assert len({each.run.vault for each in open_runs}) == len(open_runs)
        assert all(each.finished_at is None for each in open_runs)

    @invariant()
    def steps_follow_their_attempts(self) -> None:
        for record in self.records().values():
            for each in record.steps:
                if each.attempts:
                    (only,) = each.attempts
                    assert each.status is STEP_OF[only.status]
                else:
                    assert each.status is not StepStatus.DONE

    @invariant()
    def closed_runs_wait_for_nothing(self) -> None:
        for record in self.records().values():
            if record.status is not RunStatus.OPEN:
                assert all(each.status is not StepStatus.SENDING for each in record.steps)
            if record.status is RunStatus.DONE:
                done = {StepStatus.DONE, StepStatus.SKIPPED}
                assert {each.status for each in record.steps} <= done

    @invariant()
    def what_is_final_stays(self) -> None:
        now = self.records()
        for run_id, old in self.before.items():
            if old.status is not RunStatus.OPEN:
                assert now[run_id] == old
            for was, after in zip(old.steps, now[run_id].steps, strict=False):
                if was.status in FINAL_STEPS:
                    assert after == was
        self.before = now


def test_journal__any_sequence__keeps_the_invariants() -> None:
    # A sequence costs as much as ten examples of a pure function.
    cases = settings.default.max_examples // 10 if settings.default else 6
    steps = settings(max_examples=cases, stateful_step_count=25, deadline=None)
    run_state_machine_as_test(JournalMachine, settings=steps)
