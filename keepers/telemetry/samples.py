"""What is measured at a moment: the ledger of a sender, the head, the nodes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from keepers.model.nodes import NodeHealth, NodeState
from keepers.model.transactions.details import stops
from keepers.model.transactions.records import IntentRecord
from keepers.model.transactions.states import SlotState
from keepers.store.sending.details import holder_now
from keepers.store.sending.pauses import read_pauses
from keepers.store.sending.queries import live_intents
from keepers.store.sending.transact import Ledger
from keepers.telemetry import registry
from keepers.telemetry.metrics import Metrics

UNMINED = frozenset({SlotState.RESERVED, SlotState.IN_USE})


def sample_ledger(
    metrics: Metrics, ledger: Ledger, chain_id: int, sender: str, holder: str
) -> datetime:
    """What is under way for a sender, whether it is paused, who has its lease; answers when."""
    now, whose = ledger.now(), (chain_id, sender.lower())

    def work(connection: Connection) -> tuple[tuple[IntentRecord, ...], bool, bool]:
        stopped = any(stops(each, chain_id, sender) for each in read_pauses(connection))
        held = holder_now(connection, chain_id, sender, now) == holder
        return live_intents(connection, chain_id, sender), stopped, held

    live, stopped, held = ledger.read(work)
    pending = [each for each in live if each.live_slot and each.live_slot.state in UNMINED]
    metrics.put(registry.IN_FLIGHT, len(pending), *whose)
    metrics.put(registry.WAITING, sum(each.live_slot is None for each in live), *whose)
    metrics.put(registry.LOWEST_PENDING, _age(pending, now), *whose)
    metrics.put(registry.PAUSED, stopped, *whose)
    metrics.put(registry.LEASE_HELD, held, *whose)
    metrics.put(registry.LAST_LOOK, now.timestamp(), *whose)
    return now


def sample_nodes(metrics: Metrics, chain_id: int, healths: Sequence[NodeHealth]) -> None:
    """How each node does; one that was never asked is not known."""
    for each in healths:
        if each.state is NodeState.UNTRIED:
            continue
        where = (chain_id, each.node, each.role.value)
        metrics.put(registry.NODE_HEALTHY, each.state is NodeState.HEALTHY, *where)
        metrics.put(registry.NODE_BEHIND, each.behind, *where)


def _age(pending: Sequence[IntentRecord], now: datetime) -> float:
    """Seconds since bytes for the lowest nonce first left."""
    slots = [each.live_slot for each in pending]
    lowest = min((slot for slot in slots if slot), key=lambda slot: slot.nonce, default=None)
    sent = [] if lowest is None else [each.broadcast_at for each in lowest.attempts]
    first = min((at for at in sent if at is not None), default=now)
    return (now - first).total_seconds()
