"""Tables of the database.

The constraints repeat the rules of the code, so that neither another program nor a bug can write
an invalid state. `migrations/` creates the same tables.
"""

from keepers.store.tables.base import metadata
from keepers.store.tables.chain_events import (
    deposits,
    levels,
    samples,
    watched_blocks,
    yield_samples,
)
from keepers.store.tables.coordination import events, leases, notifications, pauses, ticks
from keepers.store.tables.runs import approvals, run_steps, runs, stages, tickets
from keepers.store.tables.transactions import intents, nonce_slots, requests, slot_attempts
from keepers.store.tables.transfers import (
    batch_plans,
    batches,
    fallback_waits,
    instructions,
    placements,
    transfer_events,
    transfers,
)

__all__ = [
    "approvals",
    "batch_plans",
    "batches",
    "deposits",
    "events",
    "fallback_waits",
    "instructions",
    "intents",
    "leases",
    "levels",
    "metadata",
    "nonce_slots",
    "notifications",
    "pauses",
    "placements",
    "requests",
    "run_steps",
    "runs",
    "samples",
    "slot_attempts",
    "stages",
    "tickets",
    "ticks",
    "transfer_events",
    "transfers",
    "watched_blocks",
    "yield_samples",
]
