"""The journal of upkeep: runs of a kind of their own, whose steps say what they are."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.adapters.store import runs as writing_runs
from keepers.adapters.store.journal import SqlJournal
from keepers.adapters.store.ledger.runs import add_step
from keepers.adapters.store.ledger.transact import Writing
from keepers.adapters.store.records import step_detail
from keepers.domain.errors_run import RunInProgress
from keepers.domain.run import NewRun, NewStep, RunKind


class SqlUpkeepJournal(SqlJournal):
    """As the journal of rebalances, of runs of upkeep; a vault may have one of each open.

    Every method may raise `JournalUnavailable`, and with a lease `LeaseHeld` or `StaleLease`.
    """

    kind = RunKind.UPKEEP

    def open_run(self, run: NewRun) -> None:
        """Open a run.

        Raises:
            RunInProgress: The vault has an open one already.
            DuplicateRecord: There was a run of this id.
        """
        earlier = self.open_run_of(run.vault)
        if earlier is not None:
            raise RunInProgress(run.vault, earlier.run.run_id)
        super().open_run(run)

    def add_steps(self, run_id: str, new: Sequence[NewStep]) -> tuple[int, ...]:
        """Add steps to a run, all pending, each of its own kind; their ids come in the same order.

        Raises:
            UnknownRun: There is no such run.
            IllegalTransition: It is closed.
        """

        def work(writing: Writing) -> tuple[int, ...]:
            writing_runs.require_open(writing.connection, run_id, "a run with more steps")
            return tuple(add_step(writing, run_id, each.kind, step_detail(each)) for each in new)

        return self._write("add_steps", work)
