"""Samples of the database and the nodes: transactions of a sender, nodes, the outbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from keepers.model.chain import NodeHealth, NodeState
from keepers.model.transaction_details import stops
from keepers.model.transaction_records import IntentRecord
from keepers.model.transaction_states import SlotState
from keepers.store.database import Database
from keepers.store.messages import count_outbox
from keepers.store.pauses import read_pauses
from keepers.store.transaction_queries import holder_now, live_intents
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.vault_registry import (
    NOTICES_OPEN,
    NOTIFICATIONS_FAILED,
    NOTIFICATIONS_OLDEST,
    NOTIFICATIONS_WAITING,
)

UNMINED = frozenset({SlotState.RESERVED, SlotState.IN_USE})


def sample_sender(
    metrics: Metrics, database: Database, chain_id: int, sender: str, holder: str
) -> datetime:
    """Measure a sender's transactions, pause and lease; return the database time."""
    now, labels = database.now(), (chain_id, sender.lower())

    def work(connection: Connection) -> tuple[tuple[IntentRecord, ...], bool, bool]:
        stopped = any(stops(each, chain_id, sender) for each in read_pauses(connection))
        held = holder_now(connection, chain_id, sender, now) == holder
        return live_intents(connection, chain_id, sender), stopped, held

    live, stopped, held = database.read(work)
    pending = [each for each in live if each.live_slot and each.live_slot.state in UNMINED]
    metrics.put(registry.IN_FLIGHT, len(pending), *labels)
    metrics.put(registry.WAITING, sum(each.live_slot is None for each in live), *labels)
    metrics.put(registry.LOWEST_PENDING, _age(pending, now), *labels)
    metrics.put(registry.PAUSED, stopped, *labels)
    metrics.put(registry.LEASE_HELD, held, *labels)
    metrics.put(registry.LAST_LOOK, now.timestamp(), *labels)
    return now


def sample_nodes(metrics: Metrics, chain_id: int, healths: Sequence[NodeHealth]) -> None:
    """Measure each node that has received a request."""
    for each in healths:
        if each.state is NodeState.UNTRIED:
            continue
        labels = (chain_id, each.node, each.role.value)
        metrics.put(registry.NODE_HEALTHY, each.state is NodeState.HEALTHY, *labels)
        metrics.put(registry.NODE_BEHIND, each.behind, *labels)


def _age(pending: Sequence[IntentRecord], now: datetime) -> float:
    """Return the seconds since the first broadcast of the lowest nonce."""
    slots = [each.live_slot for each in pending]
    lowest = min((slot for slot in slots if slot), key=lambda slot: slot.nonce, default=None)
    sent = [] if lowest is None else [each.broadcast_at for each in lowest.attempts]
    first = min((at for at in sent if at is not None), default=now)
    return (now - first).total_seconds()


def sample_notifications(metrics: Metrics, database: Database) -> None:
    """Measure the outbox.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    now = database.now()
    counts = database.read(lambda connection: count_outbox(connection, now))
    metrics.put(NOTIFICATIONS_WAITING, counts.waiting)
    metrics.put(NOTIFICATIONS_OLDEST, counts.oldest_seconds)
    metrics.put(NOTIFICATIONS_FAILED, counts.failed)
    for severity, count in counts.open.items():
        metrics.put(NOTICES_OPEN, count, severity.lower())
