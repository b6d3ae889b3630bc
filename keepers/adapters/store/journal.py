"""The journal: one synchronous method per thing to remember, each one transaction.

When a method returns, what it wrote survives a kill and a power cut; when it raises, nothing of it
was written.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Engine, insert

from keepers.adapters.store import attempts, reading, steps
from keepers.adapters.store import runs as writing_runs
from keepers.adapters.store.connection import connect
from keepers.adapters.store.migrate import upgrade
from keepers.adapters.store.tables import runs, samples
from keepers.adapters.store.transactions import Transactions
from keepers.domain.errors_run import UnknownRun
from keepers.domain.run import (
    AttemptOutcome,
    JsonObject,
    NewAttempt,
    NewRun,
    NewStep,
    RunRecord,
    RunStatus,
    Stage,
    StepStatus,
    TierSample,
)


def utc_now() -> datetime:
    """The time of the machine."""
    return datetime.now(UTC)


class SqlJournal:
    """The journal in a database; every method may raise `JournalUnavailable`."""

    def __init__(self, engine: Engine, clock: Callable[[], datetime] = utc_now) -> None:
        self._database = Transactions(engine)
        self._clock = clock

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgress: The vault has an open run already.
            DuplicateRecord: There was a run of this id.
        """
        with self._database.write() as connection:
            writing_runs.insert_run(connection, run)

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Record the result of a stage; the last one may be recorded again, and is replaced.

        Raises:
            UnknownRun: There is no such run.
            IllegalTransition: It is closed, or has come to a later stage.
        """
        with self._database.write() as connection:
            writing_runs.insert_stage(connection, run_id, stage, detail, self._clock())

    def add_steps(self, run_id: str, new: Sequence[NewStep]) -> tuple[int, ...]:
        """Add steps to a run, all pending; their ids come in the same order.

        Raises:
            UnknownRun: There is no such run.
            IllegalTransition: It is closed.
            DuplicateRecord: It has a step of one of these indices.
        """
        with self._database.write() as connection:
            return steps.insert_steps(connection, run_id, new)

    def store_attempt(self, step_id: int, attempt: NewAttempt) -> int:
        """Store a signed transaction before it leaves; its step is then SENDING.

        Raises:
            UnknownStep: There is no such step.
            IllegalTransition: It is not pending, or its run is closed.
            DuplicateRecord: This very transaction is stored already.
        """
        with self._database.write() as connection:
            return attempts.insert_attempt(connection, step_id, attempt, self._clock())

    def mark_broadcast(self, attempt_id: int) -> None:
        """Note that the stored bytes were sent; sending them again is noted as well.

        Raises:
            UnknownAttempt: There is no such attempt.
            IllegalTransition: It is settled.
        """
        with self._database.write() as connection:
            attempts.set_broadcast(connection, attempt_id, self._clock())

    def settle_attempt(self, attempt_id: int, outcome: AttemptOutcome) -> None:
        """Write what became of an attempt; its step is then DONE or FAILED.

        Raises:
            UnknownAttempt: There is no such attempt.
            IllegalTransition: It is settled already, or the outcome is not final.
            JournalRefused: The outcome lacks the receipt that its status needs.
        """
        with self._database.write() as connection:
            attempts.settle(connection, attempt_id, outcome, self._clock())

    def finish_step(self, step_id: int, status: StepStatus, error: str | None) -> None:
        """End a step for which nothing was signed, as FAILED or SKIPPED.

        Raises:
            UnknownStep: There is no such step.
            IllegalTransition: It is not pending, or the status is another.
        """
        with self._database.write() as connection:
            steps.finish_unsent(connection, step_id, status, error)

    def close_run(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """Close a run; pending steps stay pending, as never tried.

        Raises:
            UnknownRun: There is no such run.
            IllegalTransition: It is closed; a transaction of it is not settled; or it is to be DONE
                and a step is pending or failed.
        """
        with self._database.write() as connection:
            writing_runs.finish_run(connection, run_id, status, reason, self._clock())

    def run(self, run_id: str) -> RunRecord:
        """A run with everything that belongs to it.

        Raises:
            UnknownRun: There is no such run.
        """
        with self._database.read() as connection:
            found = reading.read_runs(connection, runs.c.run_id == run_id)
        if not found:
            raise UnknownRun(run_id)
        return found[0]

    def runs(self, vault: str | None = None, limit: int | None = 50) -> tuple[RunRecord, ...]:
        """The newest runs, of one vault or of all, newest first."""
        conditions = () if vault is None else (runs.c.vault == vault,)
        with self._database.read() as connection:
            return reading.read_runs(connection, *conditions, limit=limit)

    def open_run_of(self, vault: str) -> RunRecord | None:
        """The run of a vault that is not closed; after a crash there may be one."""
        conditions = (runs.c.vault == vault, runs.c.status == RunStatus.OPEN)
        with self._database.read() as connection:
            return next(iter(reading.read_runs(connection, *conditions)), None)

    def record_sample(self, sample: TierSample) -> None:
        """Record tier values at a block."""
        l1, l2, l3 = sample.values
        row = insert(samples).values(
            vault=sample.vault,
            chain_id=sample.chain_id,
            block_number=sample.block_number,
            at=sample.at,
            l1=l1,
            l2=l2,
            l3=l3,
            label=sample.label,
        )
        with self._database.write() as connection:
            connection.execute(row)

    def samples(self, vault: str, limit: int | None = None) -> tuple[TierSample, ...]:
        """The newest samples of a vault, oldest first; all without a limit."""
        with self._database.read() as connection:
            return reading.read_samples(connection, vault, limit)

    def close(self) -> None:
        """Let go of the database; the journal can be opened again."""
        self._database.engine.dispose()


def open_journal(url: str) -> SqlJournal:
    """The journal at a database's URL, made or brought up to date where that is needed.

    Raises:
        JournalUnavailable: The database cannot be opened, or is of a newer version.
    """
    engine = connect(url)
    upgrade(engine)
    return SqlJournal(engine)
