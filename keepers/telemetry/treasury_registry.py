"""Metrics of treasuries, of transfers between them, and of the bridges."""

from __future__ import annotations

from keepers.telemetry.metric import Metric, counter, gauge, histogram

PLACE = ("chain", "asset")
CROSSING_SECONDS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0)

IDLE = gauge(
    "ballast_treasury_idle_tokens",
    "Idle balance of an asset in a treasury, in whole tokens.",
    PLACE,
)
INVESTED = gauge("ballast_treasury_invested_tokens", "Balance of the asset in venues.", PLACE)
BASE = gauge("ballast_treasury_base_tokens", "Base balance, where the asset is rebalanced.", PLACE)
THRESHOLD = gauge(
    "ballast_treasury_threshold_tokens",
    "Effective balance at or below which a chain is triggered.",
    PLACE,
)
EFFECTIVE = gauge(
    "ballast_treasury_effective_tokens",
    "Idle balance once all transfers in progress have ended.",
    PLACE,
)
TRIGGERED = gauge(
    "ballast_treasury_triggered",
    "1 if the effective balance is at or below the threshold, compared exactly, else 0.",
    PLACE,
)
UNCOVERED = gauge(
    "ballast_inventory_uncovered",
    "1 from a check that cannot cover a trigger until one that can, else 0.",
    PLACE,
)
UNREADABLE = gauge(
    "ballast_inventory_unreadable",
    "1 if no transfer of an asset starts because part of its balance cannot be read, else 0.",
    ("asset",),
)
PAUSED = gauge("ballast_treasury_paused", "1 if a treasury is paused on chain, else 0.", ("chain",))
COINS = gauge(
    "ballast_treasury_keeper_coins",
    "Balance of the keeper's account, in the chain's native token.",
    ("chain",),
)
COINS_NEEDED = gauge(
    "ballast_treasury_needed_coins",
    "Balance required for gas and for one message fee, from the settings.",
    ("chain",),
)
CHECKS = counter("ballast_inventory_checks_total", "Completed checks of the inventory.")
CHECKED = gauge(
    "ballast_inventory_check_timestamp_seconds",
    "Time of the last completed check of the inventory, by the machine's time; it grows "
    "while the keeper works.",
)
UNDER_WAY = gauge(
    "ballast_transfers_under_way",
    "Transfers that have not ended, by state.",
    ("route", "asset", "place"),
)
STUCK = gauge(
    "ballast_transfers_stuck", "Transfers that wait for an operator's decision.", ("route",)
)
OVERDUE = gauge(
    "ballast_transfers_overdue",
    "Transfers on a bridge for more than twice its usual time plus half an hour.",
    ("route",),
)
OLDEST = gauge(
    "ballast_transfers_oldest_age_seconds",
    "Time since the oldest transfer in progress was planned.",
    ("route",),
)
ENDED = counter(
    "ballast_transfers_ended_total",
    "Ended transfers: done, called_off, or given_up by an operator.",
    ("route", "asset", "outcome"),
)
SECONDS = histogram(
    "ballast_transfer_seconds",
    "Time from the confirmed send to the arrival in the other treasury.",
    ("route",),
    CROSSING_SECONDS,
)
FEES = counter(
    "ballast_transfer_fees_tokens_total",
    "Fees that bridges kept of transfers that have arrived, in whole tokens.",
    ("route", "asset"),
)
BATCHES = gauge(
    "ballast_batches",
    "Batches that have not ended: waiting for approval, or running.",
    ("origin", "state"),
)
BATCHES_TOTAL = counter(
    "ballast_batches_total",
    "Number of times a batch entered a state, by origin.",
    ("origin", "state"),
)
DEADLINE = gauge(
    "ballast_batch_deadline_timestamp_seconds",
    "Deadline of the first batch that waits for approval; absent if there is none.",
)
BRIDGE_READABLE = gauge(
    "ballast_bridge_readable", "1 if a bridge responded to its last request, else 0.", ("route",)
)
BRIDGE_ASKED = gauge(
    "ballast_bridge_asked_timestamp_seconds",
    "Time of the last request to a bridge, by the machine's time.",
    ("route",),
)
BRIDGE_ERRORS = counter(
    "ballast_bridge_errors_total",
    "Requests without a usable response: quote, initiate, track or complete.",
    ("route", "question"),
)

TREASURY_METRICS: tuple[Metric, ...] = (
    *(IDLE, INVESTED, BASE, THRESHOLD, EFFECTIVE, TRIGGERED, UNCOVERED, UNREADABLE),
    *(PAUSED, COINS, COINS_NEEDED, CHECKS, CHECKED),
    *(UNDER_WAY, STUCK, OVERDUE, OLDEST, ENDED, SECONDS, FEES),
    *(BATCHES, BATCHES_TOTAL, DEADLINE),
    *(BRIDGE_READABLE, BRIDGE_ASKED, BRIDGE_ERRORS),
)
