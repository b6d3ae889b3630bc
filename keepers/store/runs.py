"""Repositories of runs, one per kind: each method is one transaction.

When a method returns, what it wrote survives a kill and a power cut; when it raises, nothing of it
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
    """Runs of rebalances.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.REBALANCE
    beside: tuple[RunKind, ...] = ()
    """Other kinds of runs that are read as well, by their ids or in the list of all."""

    def __init__(
        self, database: Database, lease: HeldLease | None = None, closed: Closed | None = None
    ) -> None:
        """`closed` is called with each run that was closed."""
        self._database = database
        self._lease = lease
        self._closed = closed

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgressError: The vault has an open run already.
            DuplicateRecordError: There was a run of this id.
        """
        self.write("open_run", lambda w: open_run(w, self.kind, run))

    def record_stage(self, run_id: str, stage: Stage, detail: JsonObject) -> None:
        """Record the result of a stage; the last one may be recorded again, and is replaced.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed, or has come to a later stage.
        """
        self.write(
            "record_stage",
            lambda w: insert_stage(w.connection, run_id, stage, detail, w.now),
        )

    def add_steps(self, run_id: str, new: Sequence[NewStep]) -> tuple[int, ...]:
        """Add the steps of a plan to a run, all pending; their ids come in the same order.

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
        """Return the id of the step that opens an approved plan, made where there is none.

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
        """Close a run, and in the same transaction open the one that does its rest.

        The same transaction queues the messages about it, ends its tick, and keeps what it has
        handled, unless it was interrupted; a refused or failed one handles nothing. Pending steps
        stay pending, as never tried.

        Raises:
            UnknownRunError: There is no such run.
            IllegalTransitionError: It is closed; a step of it is under way; or it is to be DONE and
                a step is pending or failed.
        """

        def work(writing: Writing) -> None:
            close_run(writing, run_id, status, reason)
            if then is not None:
                open_run(writing, self.kind, then)
            queue_notification(writing, notification)

        self.write("close_run", work)
        if self._closed is not None:
            with suppress(StoreUnavailableError):  # it is closed, and who looks next says so
                self._closed(self.run(run_id))

    def run(self, run_id: str) -> RunRecord:
        """Return a run with everything that belongs to it.

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
        """Return the run of a vault that is not closed; after a crash there may be one."""
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
        """Close the database, and give the lease back."""
        if self._lease is not None:
            self._lease.release()
        self._database.close()

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one transaction of a name, under the lease if there is one."""
        if self._lease is None:
            return self._database.transact(name, work)
        self._lease.acquire()
        return self._lease.write(name, work)


class ReportRunRepository(RunRepository):
    """Reads the runs of weights as well, for reports; nothing is written through it."""

    beside = (RunKind.WEIGHTS,)


def open_runs(url: str) -> RunRepository:
    """Open the runs of the database at a URL, made or brought up to date where that is needed.

    Raises:
        StoreUnavailableError: The database cannot be opened, or is of a newer version.
    """
    return RunRepository(open_database(url))


def open_report_runs(url: str) -> ReportRunRepository:
    """Return the same for reports; raises as `open_runs`."""
    return ReportRunRepository(open_database(url))


class MaintenanceRunRepository(RunRepository):
    """Runs of maintenance; an owner may have one of each kind open.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.UPKEEP

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgressError: The vault has an open one already.
            DuplicateRecordError: There was a run of this id.
        """
        earlier = self.open_run_of(run.vault)
        if earlier is not None:
            raise RunInProgressError(run.vault, earlier.run.run_id)
        super().open_run(run)

    def step_kind(self, step: NewStep) -> str:
        """Return the kind of the step itself."""
        return step.kind


class WeightsRunRepository(MaintenanceRunRepository):
    """Runs of weights; an owner may have one of each kind open.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.WEIGHTS

    def runs_by(
        self, vault: str, trigger: str, *, armed: bool, limit: int
    ) -> tuple[RunRecord, ...]:
        """Return the newest runs of a trigger, newest first; `armed` says of which sort."""
        mine = (runs.c.vault == vault, runs.c.trigger == trigger, runs.c.armed == armed)
        return self._read(*mine, limit=limit)
