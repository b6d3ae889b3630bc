"""Every metric: its name, kind, meaning and labels. Documents are made from this table.

Those of vaults and their rebalances are in `vault_registry`, those of treasuries in
`treasury_registry`.
"""

from __future__ import annotations

from keepers.telemetry.metric import Kind, Metric
from keepers.telemetry.treasury_registry import TREASURY_METRICS
from keepers.telemetry.vault_registry import VAULT_METRICS

LONG_WAITS = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0)
BLOCKS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
SENDER = ("chain", "sender")

ALARMS = Metric(
    "ballast_alarms_total",
    Kind.COUNTER,
    "Alarms by kind; the same trouble counts again at every pass.",
    (*SENDER, "alarm"),
)
ATTEMPTS = Metric(
    "ballast_attempts_total",
    Kind.COUNTER,
    "Signed and stored transactions: original, bump or cancel.",
    (*SENDER, "kind"),
)
BROADCASTS = Metric(
    "ballast_broadcasts_total",
    Kind.COUNTER,
    "Answers of nodes to signed bytes, by node and by what the answer means.",
    ("chain", "node", "result"),
)
ENDED = Metric(
    "ballast_transactions_ended_total",
    Kind.COUNTER,
    "Transactions at their end: final, reverted, cancelled, or failed before anything was signed.",
    (*SENDER, "outcome"),
)
FEE_CAP = Metric(
    "ballast_fee_cap_reached_total",
    Kind.COUNTER,
    "How often a fee limit kept a transaction from being sent or raised.",
    SENDER,
)
GAS_USED = Metric(
    "ballast_gas_used_total",
    Kind.COUNTER,
    "Gas of transactions that are final.",
    SENDER,
)
FEES = Metric(
    "ballast_fees_wei_total",
    Kind.COUNTER,
    "What transactions that are final have cost, in wei.",
    SENDER,
)
CONFIRMATION_SECONDS = Metric(
    "ballast_confirmation_seconds",
    Kind.HISTOGRAM,
    "From the first sending of a nonce until its receipt was stored, by the database's time.",
    SENDER,
    LONG_WAITS,
)
CONFIRMATION_BLOCKS = Metric(
    "ballast_confirmation_blocks",
    Kind.HISTOGRAM,
    "Blocks from the head at the first sending of a nonce to the block that has it.",
    SENDER,
    BLOCKS,
)
IN_FLIGHT = Metric(
    "ballast_transactions_in_flight",
    Kind.GAUGE,
    "Transactions that have a nonce and are in no block.",
    SENDER,
)
WAITING = Metric(
    "ballast_transactions_waiting",
    Kind.GAUGE,
    "Transactions that have no nonce yet, those held back included.",
    SENDER,
)
LOWEST_PENDING = Metric(
    "ballast_lowest_pending_age_seconds",
    Kind.GAUGE,
    "How long ago the lowest nonce that is in no block was first sent; 0 where none is.",
    SENDER,
)
HEAD = Metric(
    "ballast_head_block",
    Kind.GAUGE,
    "The newest block that a quorum of nodes agrees on.",
    ("chain",),
)
HEAD_AGE = Metric(
    "ballast_head_age_seconds",
    Kind.GAUGE,
    "How old that block was, by the database's time.",
    ("chain",),
)
NODE_HEALTHY = Metric(
    "ballast_node_healthy",
    Kind.GAUGE,
    "1 if a node does what is asked of it, 0 if it fails, is behind or is of another chain.",
    ("chain", "node", "role"),
)
NODE_BEHIND = Metric(
    "ballast_node_behind_blocks",
    Kind.GAUGE,
    "How many blocks a node is behind the agreed head.",
    ("chain", "node", "role"),
)
LEASE_HELD = Metric(
    "ballast_lease_held",
    Kind.GAUGE,
    "1 if this keeper had the lease on the sender at its last look, else 0.",
    SENDER,
)
PAUSED = Metric(
    "ballast_paused",
    Kind.GAUGE,
    "1 if a pause stops the sender, else 0.",
    SENDER,
)
LAST_LOOK = Metric(
    "ballast_last_look_timestamp_seconds",
    Kind.GAUGE,
    "When this keeper last looked, by the database's time; it grows while the keeper works.",
    SENDER,
)

METRICS: tuple[Metric, ...] = (
    *(ALARMS, ATTEMPTS, BROADCASTS, ENDED, FEE_CAP, GAS_USED, FEES),
    *(CONFIRMATION_SECONDS, CONFIRMATION_BLOCKS),
    *(IN_FLIGHT, WAITING, LOWEST_PENDING, HEAD, HEAD_AGE, NODE_HEALTHY, NODE_BEHIND),
    *(LEASE_HELD, PAUSED, LAST_LOOK),
    *VAULT_METRICS,
    *TREASURY_METRICS,
)


HEARTBEAT = Metric(
    "ballast_heartbeat_timestamp_seconds",
    Kind.GAUGE,
    "When the keeper's loop last went round, by the machine's clock.",
)
VAULT_ACTIVE = Metric(
    "ballast_vault_active",
    Kind.GAUGE,
    "1 if this keeper has the vault's clock, 0 if it stands by or fails.",
    ("vault",),
)
VAULT_FAILING = Metric(
    "ballast_vault_failing",
    Kind.GAUGE,
    "1 if the last attempt to keep the vault failed, else 0.",
    ("vault",),
)
TICKS = Metric(
    "ballast_ticks_total",
    Kind.COUNTER,
    "Ticks by schedule and by what came of them: run, nothing, postponed or failed.",
    ("vault", "schedule", "outcome"),
)
LAST_TICK = Metric(
    "ballast_last_tick_timestamp_seconds",
    Kind.GAUGE,
    "When a tick of the schedule last had a result, by the machine's clock.",
    ("vault", "schedule"),
)

SERVICE_METRICS = (HEARTBEAT, VAULT_ACTIVE, VAULT_FAILING, TICKS, LAST_TICK)
