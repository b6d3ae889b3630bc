"""The journal of upkeep: runs of a kind of their own, whose steps say what they are."""

from __future__ import annotations

from keepers.model.errors.run import RunInProgress
from keepers.model.run import NewRun, NewStep, RunKind
from keepers.store.journal import SqlJournal


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

    def step_kind(self, step: NewStep) -> str:
        """Its own."""
        return step.kind
