"""Panels of the dashboard, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from keepers.telemetry import registry
from keepers.telemetry import treasury_registry as treasuries
from keepers.telemetry import vault_registry as vaults
from scripts.monitoring.query import newest, quantile, rate

FULL, HALF, THIRD, QUARTER = 24, 12, 8, 6
"""Widths; Grafana has 24 columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One panel.

    Attributes:
        title: Title.
        about: Description for the reader.
        queries: Legends by query.
        unit: Grafana's name of the unit.
        width: Columns, of 24.
        kind: Grafana's name of the kind.
        limits: Values at which the colour changes, by colour.
    """

    title: str
    about: str
    queries: Mapping[str, str]
    unit: str = "short"
    width: int = HALF
    kind: str = "timeseries"
    limits: Mapping[str, float] = field(default_factory=dict[str, float])


VAULT, TIER = "{{vault}}", "{{vault}} {{tier}}"
KEY = "{{chain}} {{sender}}"
PLACE = "{{chain}} {{asset}}"
P, R = ("chain", "asset"), ("route", "asset")
V, T, K = ("chain", "vault"), ("chain", "vault", "tier"), ("chain", "sender")

TIERS = (
    Panel(
        title="Deviation from target",
        about="Above 7 % is a warning, above 10 % critical.",
        queries={newest(vaults.DEVIATION, *T): TIER},
        unit="percentunit",
        limits={"orange": 0.07, "red": 0.10},
    ),
    Panel(
        title="Share of each tier",
        about="With the bands of the chosen vault.",
        queries={
            newest(vaults.TIER_RATIO, *T): TIER,
            newest(vaults.TIER_MINIMUM, *T): f"{TIER} from",
            newest(vaults.TIER_TARGET, *T): f"{TIER} target",
            newest(vaults.TIER_MAXIMUM, *T): f"{TIER} to",
        },
        unit="percentunit",
    ),
    Panel(
        title="Weights off their targets",
        about="As shares of their tiers.",
        queries={newest(vaults.WEIGHT_DEVIATION, *T, "asset"): f"{TIER} {{{{asset}}}}"},
        unit="percentunit",
    ),
    Panel(
        title="Inside its band",
        about="1 where a tier is inside its band.",
        queries={newest(vaults.TIER_WITHIN, *T): TIER},
        kind="state-timeline",
        width=THIRD,
    ),
    Panel(
        title="Value of each tier",
        about="In settlement tokens.",
        queries={newest(vaults.TIER_VALUE, *T): TIER},
        width=THIRD,
    ),
    Panel(
        title="Assets and redemptions due",
        about="In settlement tokens; redemptions within the horizon are due.",
        queries={
            newest(vaults.ASSETS, *V): f"{VAULT} assets",
            newest(vaults.REDEMPTIONS, *V): f"{VAULT} due",
        },
        width=THIRD,
    ),
)
RUNS = (
    Panel(
        title="Success rate of seven days",
        about="Below 90 % is a warning.",
        queries={newest(vaults.SUCCESS_RATE, *V): VAULT},
        unit="percentunit",
        kind="stat",
        width=QUARTER,
    ),
    Panel(
        title="Waiting plans",
        about="More than 5 are a warning.",
        queries={newest(vaults.PENDING, *V): VAULT},
        kind="stat",
        width=QUARTER,
        limits={"orange": 5},
    ),
    Panel(
        title="Paused",
        about="1 where the controller is paused on chain.",
        queries={newest(vaults.VAULT_PAUSED, *V): VAULT},
        kind="stat",
        width=QUARTER,
        limits={"red": 1},
    ),
    Panel(
        title="Time since the vault was read",
        about="More than 15 minutes are critical.",
        queries={
            f"time() - {newest(vaults.CHECKED, *V)}": VAULT,
            f"time() - {newest(vaults.BLOCK_TIME, *V)}": f"{VAULT} block",
        },
        unit="s",
        kind="stat",
        width=QUARTER,
        limits={"red": 900},
    ),
    Panel(
        title="Newest run",
        about="1 for the status of the newest run.",
        queries={newest(vaults.LAST_STATUS, *V, "status"): f"{VAULT} {{{{status}}}}"},
        kind="state-timeline",
    ),
    Panel(
        title="Open conditions",
        about="1 from the message about a problem until the message about its end.",
        queries={newest(vaults.TROUBLE, *V): VAULT},
        kind="state-timeline",
    ),
    Panel(
        title="Runs",
        about="By final status.",
        queries={rate(vaults.RUNS, "status"): "{{status}}"},
    ),
    Panel(
        title="Paid runs",
        about="Runs of recurring rebalancers, by outcome; skipped runs are paid too.",
        queries={rate(vaults.RECURRING_RUNS, "outcome", "reason"): "{{outcome}} {{reason}}"},
    ),
    Panel(
        title="Execution time",
        about="Of the last run that sent something; more than 5 minutes are a warning.",
        queries={newest(vaults.EXECUTION_TIME, *V): VAULT},
        unit="s",
        width=QUARTER,
        limits={"orange": 300},
    ),
    Panel(
        title="Slippage",
        about="Of the last run; more than 2 % is a warning, more than 5 % critical.",
        queries={newest(vaults.SLIPPAGE, *V, "scope"): f"{VAULT} {{{{scope}}}}"},
        unit="percentunit",
        width=QUARTER,
        limits={"orange": 0.02, "red": 0.05},
    ),
    Panel(
        title="Gas cost of a run",
        about="In the native token of the chain.",
        queries={newest(vaults.GAS_COST, *V): VAULT},
        width=QUARTER,
    ),
    Panel(
        title="Deviation from the simulation",
        about="Of the last run; more than 1 % is a warning.",
        queries={newest(vaults.VERIFICATION, *V): VAULT},
        unit="percentunit",
        width=QUARTER,
        limits={"orange": 0.01},
    ),
    Panel(
        title="Last runs by status",
        about="Time since the last run of each status.",
        queries={
            f"time() - {newest(vaults.LAST_RUN, *V, 'status')}": f"{VAULT} {{{{status}}}}",
            f"time() - {newest(vaults.LAST_EXECUTION, *V)}": f"{VAULT} sent something",
        },
        unit="s",
    ),
    Panel(
        title="Gas cost and balance for gas",
        about="In the native token of the chain.",
        queries={
            rate(vaults.GAS_COST_SUM, *V): f"{VAULT} spent",
            newest(vaults.KEEPER_BALANCE, *V): f"{VAULT} left",
        },
    ),
)
TRANSACTIONS = (
    Panel(
        title="Open transactions",
        about="In flight: with a nonce, not in a block. Waiting: without a nonce.",
        queries={
            newest(registry.IN_FLIGHT, *K): f"{KEY} in flight",
            newest(registry.WAITING, *K): f"{KEY} waiting",
        },
        width=THIRD,
    ),
    Panel(
        title="Age of the lowest nonce",
        about="More than 30 minutes are a warning.",
        queries={newest(registry.LOWEST_PENDING, *K): KEY},
        unit="s",
        width=THIRD,
        limits={"orange": 1_800},
    ),
    Panel(
        title="Time to inclusion",
        about="Median and 95th percentile.",
        queries={
            quantile(registry.CONFIRMATION_SECONDS, 0.5): "median, seconds",
            quantile(registry.CONFIRMATION_SECONDS, 0.95): "95 %, seconds",
            quantile(registry.CONFIRMATION_BLOCKS, 0.95): "95 %, blocks",
        },
        width=THIRD,
    ),
    Panel(
        title="Alarms",
        about="By kind; an ongoing condition counts at every pass.",
        queries={rate(registry.ALARMS, "alarm"): "{{alarm}}"},
        width=THIRD,
    ),
    Panel(
        title="Attempts, outcomes and limits",
        about="Originals, bumps and cancellations, and outcomes of transactions.",
        queries={
            rate(registry.ATTEMPTS, "kind"): "{{kind}}",
            rate(registry.ENDED, "outcome"): "{{outcome}}",
            rate(registry.FEE_CAP, *K): f"{KEY} fee limit",
        },
        width=THIRD,
    ),
    Panel(
        title="Gas and fees of final transactions",
        about="Gas, and wei.",
        queries={
            rate(registry.GAS_USED, *K): f"{KEY} gas",
            rate(registry.FEES, *K): f"{KEY} wei",
        },
        width=THIRD,
    ),
)
KEEPERS = (
    Panel(
        title="Head",
        about="Age of the newest agreed block; more than 10 minutes are critical.",
        queries={newest(registry.HEAD_AGE, "chain"): "{{chain}} age"},
        unit="s",
        width=THIRD,
        limits={"red": 600},
    ),
    Panel(
        title="Block",
        about="The newest agreed block.",
        queries={newest(registry.HEAD, "chain"): "{{chain}}"},
        width=THIRD,
    ),
    Panel(
        title="Responses of nodes",
        about="To broadcasts of signed bytes.",
        queries={rate(registry.BROADCASTS, "node", "result"): "{{node}} {{result}}"},
        width=THIRD,
    ),
    Panel(
        title="Nodes",
        about="1 if a node works.",
        queries={newest(registry.NODE_HEALTHY, "chain", "node"): "{{chain}} {{node}}"},
        kind="state-timeline",
    ),
    Panel(
        title="Blocks behind",
        about="Blocks by which a node is behind the agreed head.",
        queries={newest(registry.NODE_BEHIND, "chain", "node"): "{{chain}} {{node}}"},
    ),
    Panel(
        title="Leases and pauses",
        about="Whether a keeper has the lease on a key, and whether the key is paused.",
        queries={
            newest(registry.LEASE_HELD, *K): f"{KEY} held",
            newest(registry.PAUSED, *K): f"{KEY} paused",
        },
        kind="state-timeline",
        width=THIRD,
    ),
    Panel(
        title="Time since the last pass of a key",
        about="More than 15 minutes are a warning.",
        queries={f"time() - {newest(registry.LAST_LOOK, *K)}": KEY},
        unit="s",
        width=THIRD,
        limits={"orange": 900},
    ),
    Panel(
        title="Messages to operators",
        about="Waiting and dropped messages, and open conditions.",
        queries={
            newest(vaults.NOTIFICATIONS_WAITING): "waiting",
            newest(vaults.NOTIFICATIONS_FAILED): "dropped",
            newest(vaults.NOTIFICATIONS_OLDEST): "oldest, seconds",
            newest(vaults.NOTICES_OPEN, "severity"): "open, {{severity}}",
        },
        width=THIRD,
    ),
)

TREASURIES = (
    Panel(
        title="Effective balances",
        about="Idle balance after all open transfers, with the base.",
        queries={
            newest(treasuries.EFFECTIVE, *P): PLACE,
            newest(treasuries.BASE, *P): f"{PLACE} base",
            newest(treasuries.THRESHOLD, *P): f"{PLACE} threshold",
        },
    ),
    Panel(
        title="Idle and invested",
        about="Balance of each treasury, and its value in venues.",
        queries={
            newest(treasuries.IDLE, *P): f"{PLACE} idle",
            newest(treasuries.INVESTED, *P): f"{PLACE} invested",
        },
    ),
    Panel(
        title="Triggered, uncovered, unreadable, paused",
        about="1 needs attention: below the threshold, no transfer covers it, unreadable, paused.",
        queries={
            newest(treasuries.TRIGGERED, *P): f"{PLACE} triggered",
            newest(treasuries.UNCOVERED, *P): f"{PLACE} uncovered",
            newest(treasuries.UNREADABLE, "asset"): "{{asset}} unreadable",
            newest(treasuries.PAUSED, "chain"): "{{chain}} paused",
        },
        kind="state-timeline",
    ),
    Panel(
        title="Native token of the treasuries' keys",
        about="With the amount that the settings require for gas and messages.",
        queries={
            newest(treasuries.COINS, "chain"): "{{chain}}",
            newest(treasuries.COINS_NEEDED, "chain"): "{{chain}} needed",
        },
    ),
)
TRANSFERS = (
    Panel(
        title="Open transfers",
        about="By stage; a stuck one waits for an operator.",
        queries={
            newest(
                treasuries.UNDER_WAY, "route", "asset", "place"
            ): "{{route}} {{asset}} {{place}}",
            newest(treasuries.STUCK, "route"): "{{route}} STUCK",
            newest(treasuries.OVERDUE, "route"): "{{route}} overdue",
        },
    ),
    Panel(
        title="From departure to arrival",
        about="Median and 95th percentile of durations, and the age of the oldest open transfer.",
        queries={
            quantile(treasuries.SECONDS, 0.5, "route"): "{{route}} median",
            quantile(treasuries.SECONDS, 0.95, "route"): "{{route}} 95 %",
            newest(treasuries.OLDEST, "route"): "{{route}} oldest now",
        },
        unit="s",
    ),
    Panel(
        title="Transfers ended, and bridges' fees",
        about="Fees are in whole tokens.",
        queries={
            rate(treasuries.ENDED, *R, "outcome"): "{{route}} {{asset}} {{outcome}}",
            rate(treasuries.FEES, *R): "{{route}} {{asset}} fees",
        },
    ),
    Panel(
        title="Batches",
        about="Waiting and running batches, changes of state, and the time left to approve.",
        queries={
            newest(treasuries.BATCHES, "origin", "state"): "{{origin}} {{state}} now",
            rate(treasuries.BATCHES_TOTAL, "origin", "state"): "{{origin}} {{state}}",
            f"{newest(treasuries.DEADLINE)} - time()": "seconds left to approve",
        },
    ),
    Panel(
        title="Bridges",
        about="Whether each responded to the last request, the time since then, and what failed.",
        queries={
            newest(treasuries.BRIDGE_READABLE, "route"): "{{route}} responds",
            f"time() - {newest(treasuries.BRIDGE_ASKED, 'route')}": "{{route}} request age, s",
            rate(treasuries.BRIDGE_ERRORS, "route", "question"): "{{route}} {{question}} failed",
        },
    ),
    Panel(
        title="Checks of the inventory",
        about="More than 15 minutes since the last one are critical.",
        queries={
            f"time() - {newest(treasuries.CHECKED)}": "since the last, seconds",
            rate(treasuries.CHECKS): "checks",
        },
        limits={"red": 900},
    ),
)

ROWS: Mapping[str, tuple[Panel, ...]] = {
    "Tiers": TIERS,
    "Rebalances": RUNS,
    "Treasuries": TREASURIES,
    "Transfers between them": TRANSFERS,
    "Transactions": TRANSACTIONS,
    "Keepers and nodes": KEEPERS,
}
