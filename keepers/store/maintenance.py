"""The journal of upkeep: runs of a kind of their own, whose steps say what they are."""

from __future__ import annotations

from keepers.model.errors.run import RunInProgressError
from keepers.model.run import NewRun, RunKind
from keepers.model.step import NewStep
from keepers.store.journal import SqlJournal


class SqlUpkeepJournal(SqlJournal):
    """As the journal of rebalances, of runs of upkeep; a vault may have one of each open.

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
        """Its own."""
        return step.kind
