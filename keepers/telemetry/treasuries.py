"""Metrics of treasuries at each snapshot, and of transfers that have not ended."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from keepers.model.batch import BatchRecord, BatchState
from keepers.model.inventory_state import InventorySettings, InventorySnapshot
from keepers.model.transfer_record import TransferRecord
from keepers.planning.inventory.position import InventoryPosition, positions_of
from keepers.telemetry import treasury_registry as registry
from keepers.telemetry.metrics import Labels, Metrics

COIN = 10**18
"""Base units of a chain's own coin."""


def observe_inventory(
    metrics: Metrics, settings: InventorySettings, snapshot: InventorySnapshot
) -> None:
    """Measure every chain that could be read; of the others the last values stay."""
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
    """Measure transfers and batches that have not ended.

    Args:
        metrics: Where to.
        transfers: Ended ones do not count.
        batches: Those that have not ended.
        now: The database's time.
        late: Ids of transfers that take too long.
    """
    live = [each for each in transfers if not each.has_ended]
    places: Counter[Labels] = Counter(
        (each.terms.route, each.terms.asset, each.place.text) for each in live
    )
    metrics.put_all(registry.UNDER_WAY, dict[Labels, float](places))
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
    place, unit = (each.chain_id, each.asset), 10**each.decimals
    metrics.put(registry.IDLE, each.idle / unit, *place)
    metrics.put(registry.INVESTED, each.invested / unit, *place)
    metrics.put(registry.EFFECTIVE, each.effective / unit, *place)
    if each.base is not None and each.threshold is not None:
        metrics.put(registry.BASE, each.base / unit, *place)
        metrics.put(registry.THRESHOLD, float(each.threshold / unit), *place)
        metrics.put(registry.TRIGGERED, each.is_triggered, *place)


def _observe_batches(metrics: Metrics, batches: Sequence[BatchRecord]) -> None:
    states: Counter[Labels] = Counter((each.origin.lower(), each.state.lower()) for each in batches)
    metrics.put_all(registry.BATCHES, dict[Labels, float](states))
    ends = [each.deadline for each in batches if each.state is BatchState.WAITING]
    nothing = dict[Labels, float]()
    metrics.put_all(registry.DEADLINE, {(): min(ends).timestamp()} if ends else nothing)
