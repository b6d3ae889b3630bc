"""The journal of weights: runs of a kind of their own, whose one step says what it is."""

from __future__ import annotations

from keepers.model.run import RunKind, RunRecord
from keepers.store import run_queries as reading
from keepers.store.maintenance import SqlUpkeepJournal
from keepers.store.tables import runs


class SqlWeightsJournal(SqlUpkeepJournal):
    """As the journal of upkeep, of runs of weights; a vault may have one of each open.

    Every method may raise `StoreUnavailableError`, and with a lease `LeaseHeldError` or
    `StaleLeaseError`.
    """

    kind = RunKind.WEIGHTS

    def runs_by(
        self, vault: str, trigger: str, *, armed: bool, limit: int
    ) -> tuple[RunRecord, ...]:
        """The newest runs of a trigger, newest first; `armed` says of which sort."""
        mine = (runs.c.vault == vault, runs.c.trigger == trigger, runs.c.armed == armed)
        with self._ledger.reading() as connection:
            return reading.read_runs(connection, *mine, kind=self.kind, limit=limit)
