"""Repositories of runs, one per kind: each method is one transaction.

When a method returns, its writes survive a process kill and a power loss; when it raises, nothing
was written.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias, TypeVar

from sqlalchemy import ColumnElement, insert

from keepers.model.errors.run import RunInProgressError, StoreUnavailableError, UnknownRunError
from keepers.model.json_document import JsonObject
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import (
    ACTION,
    OPENING,
    NewRun,
    RunKind,
    RunRecord,
    RunStatus,
    Stage,
    TierSample,
)
from keepers.model.step import NewStep
from keepers.store.database import Database, Writing, open_database, transaction
from keepers.store.leases import HeldLease
from keepers.store.messages import queue_notification
from keepers.store.records import columns_of
from keepers.store.run_queries import read_runs, read_samples, step_detail, step_of_kind
from keepers.store.run_writes import (
    add_step,
    close_run,
    fail_step,
    insert_stage,
    open_run,
    require_open,
    skip_step,
)
from keepers.store.tables import runs, samples

T = TypeVar("T")
Closed: TypeAlias = Callable[[RunRecord], object]


class RunRepository:
    """Repository of rebalance runs.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.REBALANCE
    beside: tuple[RunKind, ...] = ()
    """Other kinds of runs that are also read, by id or in lists."""

    def __init__(
        self, database: Database, lease: HeldLease | None = None, closed: Closed | None = None
    ) -> None:
        """Initialise; `closed` is called with each closed run."""
        self._database = database
        self._lease = lease
        self._closed = closed

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgressError: The vault has an open run already.
            DuplicateRecordError: A run with this id exists.
        """
        self.write("open_run", lambda w: open_run(w, self.kind, run))

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Record the result of a stage; the last one may be recorded again and is replaced.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed, or has reached a later stage.
        """
        self.write(
            "record_stage",
            lambda w: insert_stage(w.connection, run_id, stage, detail, w.now),
        )

    def add_steps(self, run_id: str, new: Sequence[NewStep]) -> tuple[int, ...]:
        """Add the steps of a plan to a run, all pending; return their ids in the same order.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed.
        """

        def work(writing: Writing) -> tuple[int, ...]:
            require_open(writing.connection, run_id, "a run with more steps")
            return tuple(
                add_step(writing, run_id, self.step_kind(each), step_detail(each)) for each in new
            )

        return self.write("add_steps", work)

    def step_kind(self, step: NewStep) -> str:
        """Return the kind of a planned step, which selects the interpreter of its receipt."""
        del step
        return ACTION

    fail_step = transaction("fail_step", fail_step)
    skip_step = transaction("skip_step", skip_step)

    def open_step(self, run_id: str, detail: JsonObject) -> int:
        """Return the id of the step that opens an approved plan; create it if missing.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed.
        """

        def work(writing: Writing) -> int:
            known = step_of_kind(writing.connection, run_id, OPENING)
            if known is not None:
                return known
            require_open(writing.connection, run_id, "a run with more steps")
            return add_step(writing, run_id, OPENING, detail)

        return self.write("open_step", work)

    def close_run(
        self,
        run_id: str,
        status: RunStatus,
        reason: str | None,
        then: NewRun | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Close a run, and open the follow-up run `then` in the same transaction.

        The same transaction queues its messages, ends its tick, and marks its events as handled,
        unless it was interrupted, refused or failed. Pending steps stay pending, as not attempted.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed; a step is active; or `status` is DONE and a step
                is pending or failed.
        """

        def work(writing: Writing) -> None:
            close_run(writing, run_id, status, reason)
            if then is not None:
                open_run(writing, self.kind, then)
            queue_notification(writing, notification)

        self.write("close_run", work)
        if self._closed is not None:
            with suppress(
                StoreUnavailableError
            ):  # the run is closed; the next read reports the error
                self._closed(self.run(run_id))

    def run(self, run_id: str) -> RunRecord:
        """Return a run with its stages, steps and attempts.

        Raises:
            UnknownRunError: There is no such run.
        """
        found = self._read(runs.c.run_id == run_id)
        if not found:
            raise UnknownRunError(run_id)
        return found[0]

    def runs(self, vault: str | None = None, limit: int | None = 50) -> tuple[RunRecord, ...]:
        """Return the newest runs, of one vault or of all, newest first."""
        conditions = () if vault is None else (runs.c.vault == vault,)
        return self._read(*conditions, limit=limit)

    def open_run_of(self, vault: str) -> RunRecord | None:
        """Return the open run of a vault, if any; a crash may leave one."""
        conditions = (runs.c.vault == vault, runs.c.status == RunStatus.OPEN)
        found = self._database.read(lambda c: read_runs(c, *conditions, kind=self.kind))
        return next(iter(found), None)

    def last_run_of(self, vault: str) -> RunRecord | None:
        """Return the newest run of a vault."""
        return next(iter(self.runs(vault, limit=1)), None)

    def record_sample(self, sample: TierSample) -> None:
        """Record tier values at a block."""
        values = dict(zip(("l1", "l2", "l3"), sample.values, strict=True))
        row = insert(samples).values(**columns_of(sample, "values"), **values)
        self.write("record_sample", lambda w: w.connection.execute(row))

    def samples(self, vault: str, limit: int | None = None) -> tuple[TierSample, ...]:
        """Return the newest samples of a vault, oldest first; all without a limit."""
        return self._database.read(lambda c: read_samples(c, vault, limit))

    def _read(
        self, *conditions: ColumnElement[bool], limit: int | None = None
    ) -> tuple[RunRecord, ...]:
        return self._database.read(
            lambda c: read_runs(c, *conditions, kind=self.kind, beside=self.beside, limit=limit)
        )

    def close(self) -> None:
        """Close the database, and release the lease."""
        if self._lease is not None:
            self._lease.release()
        self._database.close()

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one named transaction, under the lease if there is one."""
        if self._lease is None:
            return self._database.transact(name, work)
        self._lease.acquire()
        return self._lease.write(name, work)


class ReportRunRepository(RunRepository):
    """Reads weights runs as well, for reports; not used for writes."""

    beside = (RunKind.WEIGHTS,)


def open_runs(url: str) -> RunRepository:
    """Open the runs of the database at a URL; create or migrate it if needed.

    Raises:
        StoreUnavailableError: The database cannot be opened, or has a newer version.
    """
    return RunRepository(open_database(url))


def open_report_runs(url: str) -> ReportRunRepository:
    """Open the runs for reports; raises the errors of `open_runs`."""
    return ReportRunRepository(open_database(url))


class MaintenanceRunRepository(RunRepository):
    """Repository of maintenance runs; an owner may have one of each kind open.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.UPKEEP

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgressError: The vault already has an open one.
            DuplicateRecordError: A run with this id exists.
        """
        earlier = self.open_run_of(run.vault)
        if earlier is not None:
            raise RunInProgressError(run.vault, earlier.run.run_id)
        super().open_run(run)

    def step_kind(self, step: NewStep) -> str:
        """Return the step's own kind."""
        return step.kind


class WeightsRunRepository(MaintenanceRunRepository):
    """Repository of weights runs; an owner may have one of each kind open.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.WEIGHTS

    def runs_by(
        self, vault: str, trigger: str, *, armed: bool, limit: int
    ) -> tuple[RunRecord, ...]:
        """Return the newest armed or unarmed runs of a trigger, newest first."""
        mine = (runs.c.vault == vault, runs.c.trigger == trigger, runs.c.armed == armed)
        return self._read(*mine, limit=limit)
