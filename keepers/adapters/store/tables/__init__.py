"""The tables of the journal and of the transaction engine's ledger.

The constraints are the rules of the code once more, so that no other program, and no mistake in
this one, can write a state that should not exist. `migrations/` makes the same tables.
"""

from keepers.adapters.store.tables.base import metadata
from keepers.adapters.store.tables.batches import (
    batch_plans,
    batches,
    fallback_waits,
    instructions,
)
from keepers.adapters.store.tables.coordination import leases, pauses, ticks
from keepers.adapters.store.tables.events import events
from keepers.adapters.store.tables.intents import intents
from keepers.adapters.store.tables.nonce_slots import nonce_slots
from keepers.adapters.store.tables.notifications import notifications
from keepers.adapters.store.tables.requests import requests
from keepers.adapters.store.tables.run_steps import run_steps
from keepers.adapters.store.tables.runs import runs, stages
from keepers.adapters.store.tables.samples import samples
from keepers.adapters.store.tables.slot_attempts import slot_attempts
from keepers.adapters.store.tables.tickets import approvals, tickets
from keepers.adapters.store.tables.transfers import placements, transfer_events, transfers
from keepers.adapters.store.tables.watching import happenings, levels, watched_blocks
from keepers.adapters.store.tables.yield_samples import yield_samples

__all__ = [
    "approvals",
    "batch_plans",
    "batches",
    "events",
    "fallback_waits",
    "happenings",
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
