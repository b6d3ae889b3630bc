"""The tables of the journal and of the transaction engine's ledger.

The constraints are the rules of the code once more, so that no other program, and no mistake in
this one, can write a state that should not exist. `migrations/` makes the same tables.
"""

from keepers.store.tables.base import metadata
from keepers.store.tables.batches import (
    batch_plans,
    batches,
    fallback_waits,
    instructions,
)
from keepers.store.tables.chain_events import happenings, levels, watched_blocks
from keepers.store.tables.coordination import leases, pauses, ticks
from keepers.store.tables.events import events
from keepers.store.tables.intents import intents
from keepers.store.tables.nonce_slots import nonce_slots
from keepers.store.tables.notifications import notifications
from keepers.store.tables.requests import requests
from keepers.store.tables.run_steps import run_steps
from keepers.store.tables.runs import runs, stages
from keepers.store.tables.samples import samples
from keepers.store.tables.slot_attempts import slot_attempts
from keepers.store.tables.tickets import approvals, tickets
from keepers.store.tables.transfers import placements, transfer_events, transfers
from keepers.store.tables.yield_samples import yield_samples

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
