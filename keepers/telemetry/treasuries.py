"""Metrics of treasuries, and of unfinished and finished transfers and batches."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from fractions import Fraction

from keepers.model.batch import BatchRecord, BatchState, NewBatch
from keepers.model.inventory_state import InventorySettings, InventorySnapshot
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
from keepers.planning.inventory.position import InventoryPosition, positions_of
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.transfers import TransferRepository
from keepers.telemetry import treasury_registry as registry
from keepers.telemetry.metrics import Labels, Metrics

COIN = 10**18
"""Base units per native token."""


def observe_inventory(
    metrics: Metrics, settings: InventorySettings, snapshot: InventorySnapshot
) -> None:
    """Measure every readable chain; the others keep their last values."""
    for each in positions_of(settings, snapshot):
        _observe_position(metrics, each)
    for chain_id, view in snapshot.views.items():
        wanted = settings.chains.get(chain_id)
        if wanted is None:
            continue
        needed = wanted.gas_reserve + wanted.maximum_native_fee
        metrics.put(registry.PAUSED, view.paused, chain_id)
        metrics.put(registry.COINS, view.keeper_balance_wei / COIN, chain_id)
        metrics.put(registry.COINS_NEEDED, needed / COIN, chain_id)


def observe_check(metrics: Metrics, at: datetime) -> None:
    """Count a check of the inventory."""
    metrics.count(registry.CHECKS)
    metrics.put(registry.CHECKED, at.timestamp())


def observe_under_way(
    metrics: Metrics,
    transfers: Sequence[TransferRecord],
    batches: Sequence[BatchRecord],
    now: datetime,
    late: Collection[str] = (),
) -> None:
    """Measure unfinished transfers and batches.

    Args:
        metrics: The metrics.
        transfers: Transfers; finished ones are ignored.
        batches: Unfinished batches.
        now: The database time.
        late: Ids of overdue transfers.
    """
    live = [each for each in transfers if not each.has_ended]
    counts: Counter[Labels] = Counter(
        (each.terms.route, each.terms.asset, each.position.text) for each in live
    )
    metrics.put_all(registry.UNDER_WAY, dict[Labels, float](counts))
    stuck, overdue, oldest = Counter[str](), Counter[str](), defaultdict[str, float](float)
    for each in live:
        route, age = each.terms.route, (now - each.created_at).total_seconds()
        stuck[route] += each.trouble is not None
        overdue[route] += each.transfer_id in late
        oldest[route] = max(oldest[route], age)
    for metric, found in (
        (registry.STUCK, stuck),
        (registry.OVERDUE, overdue),
        (registry.OLDEST, oldest),
    ):
        metrics.put_all(metric, {(route,): value for route, value in found.items()})
    _observe_batches(metrics, batches)


def _observe_position(metrics: Metrics, each: InventoryPosition) -> None:
    labels, unit = (each.chain_id, each.asset), 10**each.decimals
    metrics.put(registry.IDLE, each.idle / unit, *labels)
    metrics.put(registry.INVESTED, each.invested / unit, *labels)
    metrics.put(registry.EFFECTIVE, each.effective / unit, *labels)
    if each.base is not None and each.threshold is not None:
        metrics.put(registry.BASE, each.base / unit, *labels)
        metrics.put(registry.THRESHOLD, float(each.threshold / unit), *labels)
        metrics.put(registry.TRIGGERED, each.is_triggered, *labels)


def _observe_batches(metrics: Metrics, batches: Sequence[BatchRecord]) -> None:
    states: Counter[Labels] = Counter((each.origin.lower(), each.state.lower()) for each in batches)
    metrics.put_all(registry.BATCHES, dict[Labels, float](states))
    ends = [each.deadline for each in batches if each.state is BatchState.WAITING]
    nothing = dict[Labels, float]()
    metrics.put_all(registry.DEADLINE, {(): min(ends).timestamp()} if ends else nothing)


ENDS = frozenset({INVEST[0], DONE, CALLED_OFF})
"""Positions of a transfer that has arrived, is done, or was cancelled."""

Decimals = Callable[[int, str], int | None]
"""Returns the decimals of an asset on a chain, or None if unknown."""


class MeasuredTransfers(TransferRepository):
    """Repository that counts batches by state, and transfers by outcome, duration and fees.

    An event repeated after a reorganisation counts twice.
    """

    def __init__(
        self, database: Database, lease: HeldLease, metrics: Metrics, decimals: Decimals
    ) -> None:
        super().__init__(database, lease)
        self._metrics = metrics
        self._decimals = decimals

    def begin_batch(self, new: NewBatch, notification: Notification = NOTHING) -> bool:
        """Store a batch, and count it if it is new."""
        is_new = super().begin_batch(new, notification)
        if is_new:
            self._metrics.count(registry.BATCHES_TOTAL, new.origin.lower(), new.state.lower())
        return is_new

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        notification: Notification = NOTHING,
    ) -> None:
        """Move a batch to another state and count the transition."""
        super().move_batch(batch_id, state, reason, notification)
        origin = self.batch(batch_id).origin
        self._metrics.count(registry.BATCHES_TOTAL, origin.lower(), state.lower())

    def move(
        self,
        transfer_id: str,
        ways: Sequence[TransferPosition],
        cause: TransferCause,
        text: str,
        notification: Notification = NOTHING,
        **facts: object,
    ) -> None:
        """Move a transfer, and count its arrival and its finish."""
        end = ways[-1]
        before = self.transfer(transfer_id) if end in ENDS else None
        super().move(transfer_id, ways, cause, text, notification, **facts)
        if before is None:
            return
        after = self.transfer(transfer_id)
        if before.position.stage is TransferStage.TRANSFER_IN and after.received is not None:
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
