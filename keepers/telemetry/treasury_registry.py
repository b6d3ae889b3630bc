"""The metrics of treasuries, of transfers between them, and of the bridges that carry these."""

from __future__ import annotations

from keepers.telemetry.metric import Kind, Metric

PLACE = ("chain", "asset")
CROSSING_SECONDS = (15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1_200.0, 1_800.0, 3_600.0, 7_200.0)

IDLE = Metric(
    "ballast_treasury_idle_tokens",
    Kind.GAUGE,
    "What a treasury holds itself of an asset, in whole tokens.",
    PLACE,
)
INVESTED = Metric(
    "ballast_treasury_invested_tokens",
    Kind.GAUGE,
    "What it has in venues.",
    PLACE,
)
BASE = Metric(
    "ballast_treasury_base_tokens",
    Kind.GAUGE,
    "What should be idle, where the asset is rebalanced.",
    PLACE,
)
THRESHOLD = Metric(
    "ballast_treasury_threshold_tokens",
    Kind.GAUGE,
    "At or below this effective balance a chain is triggered.",
    PLACE,
)
EFFECTIVE = Metric(
    "ballast_treasury_effective_tokens",
    Kind.GAUGE,
    "What will be idle once all that is under way has come to its end.",
    PLACE,
)
TRIGGERED = Metric(
    "ballast_treasury_triggered",
    Kind.GAUGE,
    "1 if the effective balance is at or below the threshold, compared exactly, else 0.",
    PLACE,
)
UNCOVERED = Metric(
    "ballast_inventory_uncovered",
    Kind.GAUGE,
    "1 from a check that found nothing to cover a trigger with until one that does, else 0.",
    PLACE,
)
UNREADABLE = Metric(
    "ballast_inventory_unreadable",
    Kind.GAUGE,
    "1 if nothing is begun for an asset because not all of it can be read, else 0.",
    ("asset",),
)
PAUSED = Metric(
    "ballast_treasury_paused",
    Kind.GAUGE,
    "1 if a treasury is paused on chain, else 0.",
    ("chain",),
)
COINS = Metric(
    "ballast_treasury_keeper_coins",
    Kind.GAUGE,
    "What the keeper's account has, in the chain's own coin.",
    ("chain",),
)
COINS_NEEDED = Metric(
    "ballast_treasury_needed_coins",
    Kind.GAUGE,
    "What it must have for gas and for one message's fee, as the settings say.",
    ("chain",),
)
CHECKS = Metric(
    "ballast_inventory_checks_total",
    Kind.COUNTER,
    "Checks of the inventory that came to their end.",
)
CHECKED = Metric(
    "ballast_inventory_check_timestamp_seconds",
    Kind.GAUGE,
    "When the last of them did, by the machine's time; it grows while the keeper works.",
)
UNDER_WAY = Metric(
    "ballast_transfers_under_way",
    Kind.GAUGE,
    "Transfers that have not ended, by the place at which they stand.",
    ("route", "asset", "place"),
)
STUCK = Metric(
    "ballast_transfers_stuck",
    Kind.GAUGE,
    "Transfers that wait for a person's decision.",
    ("route",),
)
OVERDUE = Metric(
    "ballast_transfers_overdue",
    Kind.GAUGE,
    "Transfers on a bridge for more than twice its usual time and half an hour.",
    ("route",),
)
OLDEST = Metric(
    "ballast_transfers_oldest_age_seconds",
    Kind.GAUGE,
    "How long ago the oldest transfer under way was planned.",
    ("route",),
)
ENDED = Metric(
    "ballast_transfers_ended_total",
    Kind.COUNTER,
    "Transfers at their end: done, called_off, or given_up by a person.",
    ("route", "asset", "outcome"),
)
SECONDS = Metric(
    "ballast_transfer_seconds",
    Kind.HISTOGRAM,
    "From a departure as deep as it must be to its arrival in the other treasury.",
    ("route",),
    CROSSING_SECONDS,
)
FEES = Metric(
    "ballast_transfer_fees_tokens_total",
    Kind.COUNTER,
    "What bridges kept of transfers that have arrived, in whole tokens.",
    ("route", "asset"),
)
BATCHES = Metric(
    "ballast_batches",
    Kind.GAUGE,
    "Batches that have not ended: waiting for approval, or running.",
    ("origin", "state"),
)
BATCHES_TOTAL = Metric(
    "ballast_batches_total",
    Kind.COUNTER,
    "How often a batch came into a state, by who wanted it.",
    ("origin", "state"),
)
DEADLINE = Metric(
    "ballast_batch_deadline_timestamp_seconds",
    Kind.GAUGE,
    "Until when the first of the batches that wait must be approved; gone where none waits.",
)
BRIDGE_READABLE = Metric(
    "ballast_bridge_readable",
    Kind.GAUGE,
    "1 if a bridge answered when it was last asked, else 0.",
    ("route",),
)
BRIDGE_ASKED = Metric(
    "ballast_bridge_asked_timestamp_seconds",
    Kind.GAUGE,
    "When it was last asked, by the machine's time.",
    ("route",),
)
BRIDGE_ERRORS = Metric(
    "ballast_bridge_errors_total",
    Kind.COUNTER,
    "Questions without a usable answer: quote, initiate, track or complete.",
    ("route", "question"),
)

TREASURY_METRICS: tuple[Metric, ...] = (
    *(IDLE, INVESTED, BASE, THRESHOLD, EFFECTIVE, TRIGGERED, UNCOVERED, UNREADABLE),
    *(PAUSED, COINS, COINS_NEEDED, CHECKS, CHECKED),
    *(UNDER_WAY, STUCK, OVERDUE, OLDEST, ENDED, SECONDS, FEES),
    *(BATCHES, BATCHES_TOTAL, DEADLINE),
    *(BRIDGE_READABLE, BRIDGE_ASKED, BRIDGE_ERRORS),
)
