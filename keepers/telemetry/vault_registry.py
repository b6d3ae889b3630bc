"""Metrics of vaults, their rebalances, and notifications.

Names with the prefix `rebalance_` are defined by the engine document, section 5.1.
"""

from __future__ import annotations

from keepers.telemetry.metric import Metric, counter, gauge

VAULT = ("chain", "vault")
TIER = (*VAULT, "tier")

DEVIATION = gauge(
    "rebalance_deviation_ratio",
    "Deviation of a tier from its target, as a share of the vault; below 0 if the tier "
    "is underweight.",
    TIER,
)
EXECUTION_TIME = gauge(
    "rebalance_execution_time",
    "Seconds from the simulation to the end of the execution, of the last run that sent "
    "a transaction or is still executing.",
    VAULT,
)
SLIPPAGE = gauge(
    "rebalance_slippage",
    "Loss of the last run's trades against the oracle, as a share: its `worst_leg`, and its "
    "`whole` by value.",
    (*VAULT, "scope"),
)
GAS_COST = gauge(
    "rebalance_gas_cost", "Gas cost of the last run, in the chain's native token.", VAULT
)
SUCCESS_RATE = gauge(
    "rebalance_success_rate",
    "Share of executed runs of the last seven days that completed their whole plan.",
    VAULT,
)
PENDING = gauge("rebalance_pending_count", "Plans that have not ended.", VAULT)
GAS_COST_SUM = counter(
    "ballast_rebalance_gas_cost_coins_total",
    "Gas cost of all runs, in the chain's native token.",
    VAULT,
)
RUNS = counter("ballast_rebalance_runs_total", "Runs by final status.", (*VAULT, "status"))
LAST_RUN = gauge(
    "ballast_rebalance_last_run_timestamp_seconds",
    "Time at which the last run of each status began.",
    (*VAULT, "status"),
)
LAST_STATUS = gauge(
    "ballast_rebalance_last_run_status",
    "1 for the status of the newest run, 0 for the others.",
    (*VAULT, "status"),
)
TROUBLE = gauge(
    "ballast_rebalance_trouble",
    "1 from the notification of a problem with the vault's runs until the notification "
    "of its recovery.",
    VAULT,
)
LAST_EXECUTION = gauge(
    "ballast_rebalance_last_execution_timestamp_seconds",
    "Time at which a run last sent a transaction.",
    VAULT,
)
VERIFICATION = gauge(
    "ballast_rebalance_verification_deviation_ratio",
    "Deviation of the worst tier from its simulated value after the last run, as a share of "
    "the vault.",
    VAULT,
)
TIER_VALUE = gauge("ballast_tier_value_tokens", "Value of a tier, in settlement tokens.", TIER)
TIER_RATIO = gauge("ballast_tier_ratio", "Share of a tier in the vault.", TIER)
TIER_MINIMUM = gauge("ballast_tier_minimum_ratio", "Lower end of a tier's band.", TIER)
TIER_TARGET = gauge("ballast_tier_target_ratio", "Target of a tier.", TIER)
WEIGHT_DEVIATION = gauge(
    "ballast_weight_deviation_ratio",
    "Deviation of an asset from its target weight, as a share of its tier; below 0 if "
    "the asset is underweight.",
    (*TIER, "asset"),
)
TIER_MAXIMUM = gauge("ballast_tier_maximum_ratio", "Upper end of a tier's band.", TIER)
TIER_WITHIN = gauge(
    "ballast_tier_within_bounds", "1 if a tier is inside its band, its ends included, else 0.", TIER
)
ASSETS = gauge("ballast_vault_assets_tokens", "Value of the vault, in settlement tokens.", VAULT)
REDEMPTIONS = gauge(
    "ballast_redemptions_due_tokens",
    "Redemptions due within the horizon, in settlement tokens.",
    VAULT,
)
VAULT_PAUSED = gauge(
    "ballast_vault_paused", "1 if the controller is paused on chain, else 0.", VAULT
)
KEEPER_BALANCE = gauge(
    "ballast_vault_keeper_balance_coins",
    "Balance of the keeper's account for gas, in the chain's native token.",
    VAULT,
)
CHECKED = gauge(
    "ballast_vault_check_timestamp_seconds",
    "Time at which this keeper last read the vault, by the machine's time; it grows while the "
    "keeper works.",
    VAULT,
)
BLOCK_TIME = gauge(
    "ballast_vault_block_timestamp_seconds", "Time of the block at which the vault was read.", VAULT
)
NOTIFICATIONS_WAITING = gauge(
    "ballast_notifications_waiting", "Notifications that are not sent yet."
)
NOTIFICATIONS_OLDEST = gauge(
    "ballast_notifications_oldest_seconds", "Age of the oldest notification that is not sent yet."
)
NOTIFICATIONS_FAILED = gauge(
    "ballast_notifications_failed", "Notifications of the last day whose delivery was given up."
)
NOTICES_OPEN = gauge(
    "ballast_notices_open", "Reported problems that are not resolved.", ("severity",)
)

RECURRING_RUNS = counter(
    "ballast_recurring_runs_total",
    "Runs of paid rebalancers that this keeper executed, by outcome, `done`, `skipped` or "
    "`failed`, and reason. Those skipped as `BucketEmpty` lack a limit.",
    (*VAULT, "outcome", "reason"),
)

VAULT_METRICS: tuple[Metric, ...] = (
    *(DEVIATION, EXECUTION_TIME, SLIPPAGE, GAS_COST, SUCCESS_RATE, PENDING),
    *(GAS_COST_SUM, RUNS, LAST_RUN, LAST_STATUS, TROUBLE, LAST_EXECUTION, VERIFICATION),
    *(TIER_VALUE, TIER_RATIO, TIER_MINIMUM, TIER_TARGET, TIER_MAXIMUM, TIER_WITHIN),
    WEIGHT_DEVIATION,
    *(ASSETS, REDEMPTIONS, VAULT_PAUSED, KEEPER_BALANCE, CHECKED, BLOCK_TIME),
    RECURRING_RUNS,
    *(NOTIFICATIONS_WAITING, NOTIFICATIONS_OLDEST, NOTIFICATIONS_FAILED, NOTICES_OPEN),
)
