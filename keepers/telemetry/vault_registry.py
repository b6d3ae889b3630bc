"""The metrics of vaults, of their rebalances, and of messages to people.

The names that begin with `rebalance_` are those of the engine document, section 5.1.
"""

from __future__ import annotations

from keepers.telemetry.metric import Kind, Metric

VAULT = ("chain", "vault")
TIER = (*VAULT, "tier")

DEVIATION = Metric(
    "rebalance_deviation_ratio",
    Kind.GAUGE,
    "How far a tier is off its target, as a share of the vault; below 0 where it has too little.",
    TIER,
)
EXECUTION_TIME = Metric(
    "rebalance_execution_time",
    Kind.GAUGE,
    "Seconds from the simulation to the end of the execution, of the last run that sent "
    "something or of one that still does.",
    VAULT,
)
SLIPPAGE = Metric(
    "rebalance_slippage",
    Kind.GAUGE,
    "What trades of the last run lost against the oracle, as a share: its `worst_leg`, and "
    "its `whole` by value.",
    (*VAULT, "scope"),
)
GAS_COST = Metric(
    "rebalance_gas_cost",
    Kind.GAUGE,
    "What the gas of the last run cost, in the chain's own coin.",
    VAULT,
)
SUCCESS_RATE = Metric(
    "rebalance_success_rate",
    Kind.GAUGE,
    "The share of the runs of seven days that did all they had planned, of those that tried.",
    VAULT,
)
PENDING = Metric(
    "rebalance_pending_count",
    Kind.GAUGE,
    "Plans that are not at their end.",
    VAULT,
)
GAS_COST_SUM = Metric(
    "ballast_rebalance_gas_cost_coins_total",
    Kind.COUNTER,
    "What the gas of all runs cost, in the chain's own coin.",
    VAULT,
)
RUNS = Metric(
    "ballast_rebalance_runs_total",
    Kind.COUNTER,
    "Runs by how they ended.",
    (*VAULT, "status"),
)
LAST_RUN = Metric(
    "ballast_rebalance_last_run_timestamp_seconds",
    Kind.GAUGE,
    "When the last run of each status began.",
    (*VAULT, "status"),
)
LAST_STATUS = Metric(
    "ballast_rebalance_last_run_status",
    Kind.GAUGE,
    "1 for the status of the newest run, 0 for the others.",
    (*VAULT, "status"),
)
TROUBLE = Metric(
    "ballast_rebalance_trouble",
    Kind.GAUGE,
    "1 from a message about trouble of a vault's runs until the one that it is over.",
    VAULT,
)
LAST_EXECUTION = Metric(
    "ballast_rebalance_last_execution_timestamp_seconds",
    Kind.GAUGE,
    "When a run last sent something.",
    VAULT,
)
VERIFICATION = Metric(
    "ballast_rebalance_verification_deviation_ratio",
    Kind.GAUGE,
    "How far the worst tier was off its simulated value after the last run, as a share of "
    "the vault.",
    VAULT,
)
TIER_VALUE = Metric(
    "ballast_tier_value_tokens",
    Kind.GAUGE,
    "What a tier is worth, in settlement tokens.",
    TIER,
)
TIER_RATIO = Metric(
    "ballast_tier_ratio",
    Kind.GAUGE,
    "What a tier is of the vault.",
    TIER,
)
TIER_MINIMUM = Metric(
    "ballast_tier_minimum_ratio",
    Kind.GAUGE,
    "The lower end of a tier's band.",
    TIER,
)
TIER_TARGET = Metric(
    "ballast_tier_target_ratio",
    Kind.GAUGE,
    "The target of a tier.",
    TIER,
)
WEIGHT_DEVIATION = Metric(
    "ballast_weight_deviation_ratio",
    Kind.GAUGE,
    "How far an asset is off its target weight, as a share of its tier; below 0 where there is too "
    "little of it.",
    (*TIER, "asset"),
)
TIER_MAXIMUM = Metric(
    "ballast_tier_maximum_ratio",
    Kind.GAUGE,
    "The upper end of a tier's band.",
    TIER,
)
TIER_WITHIN = Metric(
    "ballast_tier_within_bounds",
    Kind.GAUGE,
    "1 if a tier is inside its band, its ends included, else 0.",
    TIER,
)
ASSETS = Metric(
    "ballast_vault_assets_tokens",
    Kind.GAUGE,
    "What the vault is worth, in settlement tokens.",
    VAULT,
)
REDEMPTIONS = Metric(
    "ballast_redemptions_due_tokens",
    Kind.GAUGE,
    "What depositors are owed within the horizon, in settlement tokens.",
    VAULT,
)
VAULT_PAUSED = Metric(
    "ballast_vault_paused",
    Kind.GAUGE,
    "1 if the controller is paused on chain, else 0.",
    VAULT,
)
KEEPER_BALANCE = Metric(
    "ballast_vault_keeper_balance_coins",
    Kind.GAUGE,
    "What the keeper's key has for gas, in the chain's own coin.",
    VAULT,
)
CHECKED = Metric(
    "ballast_vault_check_timestamp_seconds",
    Kind.GAUGE,
    "When this keeper last read the vault, by the machine's time; it grows while the keeper works.",
    VAULT,
)
BLOCK_TIME = Metric(
    "ballast_vault_block_timestamp_seconds",
    Kind.GAUGE,
    "The time of the block at which it was read.",
    VAULT,
)
NOTIFICATIONS_WAITING = Metric(
    "ballast_notifications_waiting",
    Kind.GAUGE,
    "Messages that are not sent yet.",
)
NOTIFICATIONS_OLDEST = Metric(
    "ballast_notifications_oldest_seconds",
    Kind.GAUGE,
    "How old the oldest of them is.",
)
NOTIFICATIONS_FAILED = Metric(
    "ballast_notifications_failed",
    Kind.GAUGE,
    "Messages of the last day that were given up.",
)
NOTICES_OPEN = Metric(
    "ballast_notices_open",
    Kind.GAUGE,
    "Troubles that were told and are not over.",
    ("severity",),
)

RECURRING_RUNS = Metric(
    "ballast_recurring_runs_total",
    Kind.COUNTER,
    "Runs of paid rebalancers that this keeper executed, by how they ended: `done`, `skipped` or "
    "`failed`, and why. What is paid for and skipped as `BucketEmpty` lacks a limit.",
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
