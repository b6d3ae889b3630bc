"""Declarations of all metrics; the documentation is generated from them.

Metrics of vaults are declared in `vault_registry`, those of treasuries in `treasury_registry`.
"""

from __future__ import annotations

from keepers.telemetry.metric import Metric, counter, gauge, histogram
from keepers.telemetry.treasury_registry import TREASURY_METRICS
from keepers.telemetry.vault_registry import VAULT_METRICS

LONG_WAITS = (5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_800.0, 3_600.0)
BLOCKS = (1.0, 2.0, 3.0, 5.0, 10.0, 20.0, 50.0, 100.0)
SENDER = ("chain", "sender")

ALARMS = counter(
    "ballast_alarms_total",
    "Alarms by kind; the same problem counts again at every pass.",
    (*SENDER, "alarm"),
)
ATTEMPTS = counter(
    "ballast_attempts_total",
    "Signed and stored transactions: original, bump or cancel.",
    (*SENDER, "kind"),
)
BROADCASTS = counter(
    "ballast_broadcasts_total",
    "Responses of nodes to signed transactions, by node and outcome.",
    ("chain", "node", "result"),
)
ENDED = counter(
    "ballast_transactions_ended_total",
    "Ended transactions: final, reverted, cancelled, or failed before anything was signed.",
    (*SENDER, "outcome"),
)
FEE_CAP = counter(
    "ballast_fee_cap_reached_total",
    "Number of times a fee limit prevented a transaction from being sent or replaced.",
    SENDER,
)
GAS_USED = counter("ballast_gas_used_total", "Gas used by final transactions.", SENDER)
FEES = counter("ballast_fees_wei_total", "Gas cost of final transactions, in wei.", SENDER)
CONFIRMATION_SECONDS = histogram(
    "ballast_confirmation_seconds",
    "Time from the first broadcast of a nonce until its receipt was stored, by the "
    "database's time.",
    SENDER,
    LONG_WAITS,
)
CONFIRMATION_BLOCKS = histogram(
    "ballast_confirmation_blocks",
    "Blocks from the head at the first broadcast of a nonce to the block that includes it.",
    SENDER,
    BLOCKS,
)
IN_FLIGHT = gauge(
    "ballast_transactions_in_flight", "Transactions with a nonce that are not in a block.", SENDER
)
WAITING = gauge(
    "ballast_transactions_waiting",
    "Transactions without a nonce, including those on hold.",
    SENDER,
)
LOWEST_PENDING = gauge(
    "ballast_lowest_pending_age_seconds",
    "Time since the first broadcast of the lowest nonce that is not in a block; 0 if "
    "there is none.",
    SENDER,
)
HEAD = gauge("ballast_head_block", "The newest block that a quorum of nodes agrees on.", ("chain",))
HEAD_AGE = gauge(
    "ballast_head_age_seconds", "Age of that block, by the database's time.", ("chain",)
)
NODE_HEALTHY = gauge(
    "ballast_node_healthy",
    "1 if a node works, 0 if it fails, is behind or is on another chain.",
    ("chain", "node", "role"),
)
NODE_BEHIND = gauge(
    "ballast_node_behind_blocks",
    "Blocks by which a node is behind the agreed head.",
    ("chain", "node", "role"),
)
LEASE_HELD = gauge(
    "ballast_lease_held",
    "1 if this keeper held the lease on the sender at its last check, else 0.",
    SENDER,
)
PAUSED = gauge("ballast_paused", "1 if a pause stops the sender, else 0.", SENDER)
LAST_LOOK = gauge(
    "ballast_last_look_timestamp_seconds",
    "Time of this keeper's last check, by the database's time; it grows while the keeper works.",
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


HEARTBEAT = gauge(
    "ballast_heartbeat_timestamp_seconds",
    "Time of the last round of the keeper's loop, by the machine's clock.",
)
VAULT_ACTIVE = gauge(
    "ballast_vault_active",
    "1 if this keeper holds the vault's clock, 0 if it is on standby or fails.",
    ("vault",),
)
VAULT_FAILING = gauge(
    "ballast_vault_failing", "1 if the last check of the vault failed, else 0.", ("vault",)
)
TICKS = counter(
    "ballast_ticks_total",
    "Ticks by schedule and by outcome: run, nothing, postponed or failed.",
    ("vault", "schedule", "outcome"),
)
LAST_TICK = gauge(
    "ballast_last_tick_timestamp_seconds",
    "Time of the last tick of the schedule with a result, by the machine's clock.",
    ("vault", "schedule"),
)

SERVICE_METRICS = (HEARTBEAT, VAULT_ACTIVE, VAULT_FAILING, TICKS, LAST_TICK)
