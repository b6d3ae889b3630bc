"""What is measured of messages to people."""

from __future__ import annotations

from keepers.store.sending.notices import count_outbox
from keepers.store.sending.transact import Ledger
from keepers.telemetry import vault_registry as registry
from keepers.telemetry.metrics import Metrics


def sample_notifications(metrics: Metrics, ledger: Ledger) -> None:
    """Measure the outbox.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    now = ledger.now()
    counts = ledger.read(lambda connection: count_outbox(connection, now))
    metrics.put(registry.NOTIFICATIONS_WAITING, counts.waiting)
    metrics.put(registry.NOTIFICATIONS_OLDEST, counts.oldest_seconds)
    metrics.put(registry.NOTIFICATIONS_FAILED, counts.failed)
    for severity, count in counts.open.items():
        metrics.put(registry.NOTICES_OPEN, count, severity.lower())
