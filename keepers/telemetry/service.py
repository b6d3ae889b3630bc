"""Metrics of the keeper as a service."""

from keepers.telemetry.registry import Kind, Metric

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
