"""Store of transfers that counts what ends."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from keepers.model.batch import BatchState, NewBatch
from keepers.model.notice import NOTHING, Notification
from keepers.model.transfer import (
    CALLED_OFF,
    CROSS,
    DONE,
    INVEST,
    TransferCause,
    TransferPosition,
    TransferStage,
)
from keepers.model.transfer_record import TransferRecord
from keepers.store.database import Ledger
from keepers.store.leases import HeldLease
from keepers.store.transfers import SqlTransfers
from keepers.telemetry import treasury_registry as registry
from keepers.telemetry.metrics import Metrics

ENDS = frozenset({INVEST[0], DONE, CALLED_OFF})
"""Ends of a transfer: it has arrived, or will not."""

Decimals = Callable[[int, str], int | None]
"""Decimals of an asset's token on a chain, where they are known."""


class MeasuredTransfers(SqlTransfers):
    """Counts batches by state, transfers by outcome, their time and their fees.

    What a reorganisation has made happen twice counts twice.
    """

    def __init__(
        self, ledger: Ledger, lease: HeldLease, metrics: Metrics, decimals: Decimals
    ) -> None:
        super().__init__(ledger, lease)
        self._metrics = metrics
        self._decimals = decimals

    def begin_batch(self, new: NewBatch, telling: Notification = NOTHING) -> bool:
        """Keep a batch; a new one counts."""
        is_new = super().begin_batch(new, telling)
        if is_new:
            self._metrics.count(registry.BATCHES_TOTAL, new.origin.lower(), new.state.lower())
        return is_new

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        telling: Notification = NOTHING,
    ) -> None:
        """Bring a batch to another state, which counts."""
        super().move_batch(batch_id, state, reason, telling)
        origin = self.batch(batch_id).origin
        self._metrics.count(registry.BATCHES_TOTAL, origin.lower(), state.lower())

    def move(
        self,
        transfer_id: str,
        ways: Sequence[TransferPosition],
        cause: TransferCause,
        text: str,
        telling: Notification = NOTHING,
        **facts: object,
    ) -> None:
        """Bring a transfer along; its arrival and its end count."""
        end = ways[-1]
        before = self.transfer(transfer_id) if end in ENDS else None
        super().move(transfer_id, ways, cause, text, telling, **facts)
        if before is None:
            return
        after = self.transfer(transfer_id)
        if before.place.stage is TransferStage.TRANSFER_IN and after.received is not None:
            self._count_arrival(after, after.received)
        if after.has_ended:
            terms = after.terms
            self._metrics.count(registry.ENDED, terms.route, terms.asset, _outcome(end, cause))

    def _count_arrival(self, record: TransferRecord, received: int) -> None:
        terms = record.terms
        left = next((e.at for e in self.timeline(record.transfer_id) if e.end == CROSS[0]), None)
        if left is not None:
            seconds = (record.moved_at - left).total_seconds()
            self._metrics.observe(registry.SECONDS, seconds, terms.route)
        ends = (terms.source_chain, terms.destination_chain)
        here, there = (self._decimals(each, terms.asset) for each in ends)
        if here is not None and there is not None:
            kept = Fraction(terms.amount, 10**here) - Fraction(received, 10**there)
            by = max(0.0, float(kept))
            self._metrics.count(registry.FEES, terms.route, terms.asset, by=by)


def _outcome(end: TransferPosition, cause: TransferCause) -> str:
    if end == CALLED_OFF:
        return "called_off"
    return "given_up" if cause is TransferCause.RESOLVE else "done"
