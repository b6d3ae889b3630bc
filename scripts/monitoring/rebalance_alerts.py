"""Alerts about vaults and their rebalances; thresholds are from section 5.1."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from keepers.telemetry import treasury_registry
from keepers.telemetry import vault_registry as registry
from scripts.monitoring.alert import Alert, Level

GAS_THRESHOLDS: Mapping[int, tuple[str, Decimal]] = {
    56: ("BNB", Decimal("0.5")),
    1: ("ETH", Decimal("0.2")),
    10: ("ETH", Decimal("0.01")),
    8453: ("ETH", Decimal("0.01")),
    42161: ("ETH", Decimal("0.01")),
    137: ("POL", Decimal(100)),
    43114: ("AVAX", Decimal(5)),
}
"""Native token and limit on the gas cost of a run, by chain. The first is the source document's."""

WHERE = "vault {{ $labels.vault }} on chain {{ $labels.chain }}"
SAME = "on (chain, vault, job, instance)"
RECENT = f"and {SAME} (time() - {registry.LAST_EXECUTION.name} < 86400)"
"""The values of the last run stay until the next run; after a day they are ignored."""

FRESH = f"and {SAME} (time() - {registry.CHECKED.name} < 900)"
"""Filter for keepers that read the vault; standby keepers do not count."""

V, T = "by (chain, vault)", "by (chain, vault, tier)"

DEVIATION, WITHIN = registry.DEVIATION.name, registry.TIER_WITHIN.name
SLIPPAGE, CHECKED = registry.SLIPPAGE.name, registry.CHECKED.name
INVENTORY_CHECKED = treasury_registry.CHECKED.name
LIQUID = f'sum {V} (max {T} ({registry.TIER_VALUE.name}{{tier=~"L1|L2"}} {FRESH}))'


def rebalance_alerts(
    gas: Mapping[int, tuple[str, Decimal]] = GAS_THRESHOLDS,
) -> tuple[Alert, ...]:
    """Return every alert about rebalances, with these thresholds for gas."""
    return (*_TIERS, *_RUNS, _gas(gas), *_RESULTS, *_VAULTS)


_TIERS = (
    Alert(
        name="RebalanceDeviation",
        level=Level.WARNING,
        when="a tier is more than 7 points off its target for 10 minutes",
        expr=f"max {T} (abs({DEVIATION}) {FRESH}) > 0.07",
        lasting="10m",
        summary=f"{{{{ $labels.tier }}}} of {WHERE} is {{{{ $value | humanizePercentage }}}} off "
        "its target",
        action="Check `ballast status` and the last run in `ballast report`: was a rebalance "
        "refused, does it wait for approval, or is no keeper running?",
    ),
    Alert(
        name="RebalanceDeviationCritical",
        level=Level.CRITICAL,
        when="a tier is more than 10 points off its target or outside its band for 5 minutes",
        expr=f"max {T} (abs({DEVIATION}) {FRESH}) > 0.10 or min {T} ({WITHIN} {FRESH}) == 0",
        lasting="5m",
        summary=f"{{{{ $labels.tier }}}} of {WHERE} is far off its target",
        action="As for RebalanceDeviation, but immediately. If L1 is short, redemptions cannot be "
        "paid: run `ballast run --once --arm`; a refusal states its reason.",
    ),
)
_RUNS = (
    Alert(
        name="RebalanceSlow",
        level=Level.WARNING,
        when="an execution takes or took more than 5 minutes",
        expr=f"max {V} ({registry.EXECUTION_TIME.name} {RECENT}) > 300",
        summary=f"a run of {WHERE} takes {{{{ $value | humanizeDuration }}}}",
        action="Check `ballast txs`: does a transaction wait for a higher fee, native token or "
        "confirmations? `ballast txs bump` raises a fee within the limits.",
    ),
    Alert(
        name="RebalanceSlippage",
        level=Level.WARNING,
        when="the last run, or one of its trades, lost more than 2 % against the oracle",
        expr=f"max by (chain, vault, scope) ({SLIPPAGE} {RECENT}) > 0.02",
        summary=f"the last run of {WHERE} lost {{{{ $value | humanizePercentage }}}}",
        action="Compare quote and receipt in `ballast report`. Trade smaller amounts, or lower "
        "`minimum_output_tolerance_bps`.",
    ),
    Alert(
        name="RebalanceSlippageCritical",
        level=Level.CRITICAL,
        when="the last run, or one of its trades, lost more than 5 % against the oracle",
        expr=f"max by (chain, vault, scope) ({SLIPPAGE} {RECENT}) > 0.05",
        summary=f"the last run of {WHERE} lost {{{{ $value | humanizePercentage }}}}",
        action="Pause with `ballast pause`, then find out whether the price feed, the venue or a "
        "sandwich attack was the cause before you resume.",
    ),
)
_RESULTS = (
    Alert(
        name="RebalanceSuccessRate",
        level=Level.WARNING,
        when="less than 90 % of the runs of seven days completed all planned actions",
        expr=f"min {V} ({registry.SUCCESS_RATE.name} {FRESH}) < 0.9",
        lasting="5m",
        summary=f"only {{{{ $value | humanizePercentage }}}} of the runs of {WHERE} succeed",
        action="`ballast report` lists the runs with their reasons; fix the most frequent one.",
    ),
    Alert(
        name="RebalancePending",
        level=Level.WARNING,
        when="more than 5 plans wait, in all vaults together, for 5 minutes",
        expr=f"sum(max by (chain, vault) ({registry.PENDING.name} {FRESH})) > 5",
        lasting="5m",
        summary="{{ $value }} plans wait",
        action="Do plans wait for approvers, or does an interrupted run wait for `--arm`?",
    ),
    Alert(
        name="RebalanceRefused",
        level=Level.WARNING,
        when="the newest run of a vault was refused or failed, and its condition is open for an "
        "hour",
        expr="max by (chain, vault, status)"
        f' ({registry.LAST_STATUS.name}{{status=~"refused|failed"}} {FRESH}) == 1'
        f" and on (chain, vault) max {V} ({registry.TROUBLE.name} {FRESH}) == 1",
        lasting="1h",
        summary=f"the newest run of {WHERE} was {{{{ $labels.status }}}}",
        action="`ballast report` names the check that failed, and the remedy.",
    ),
    Alert(
        name="RebalanceNotAsSimulated",
        level=Level.WARNING,
        when="after the last run a tier was more than 1 % of the vault off its simulated value",
        expr=f"max {V} ({registry.VERIFICATION.name} {RECENT}) > 0.01",
        summary=f"the last run of {WHERE} did not end as simulated",
        action="Compare before, planned and after in `ballast report`. Others may have moved funds "
        "or prices meanwhile.",
    ),
)
_VAULTS = (
    Alert(
        name="RedemptionsNotCovered",
        level=Level.CRITICAL,
        when="redemptions due are above 80 % of L1 and L2 for 5 minutes",
        expr=f"max {V} ({registry.REDEMPTIONS.name} {FRESH}) > 0.8 * {LIQUID}",
        lasting="5m",
        summary=f"redemptions due of {WHERE} need most of L1 and L2",
        action="The keeper sells from L3 automatically. If it does not, `ballast report` gives the "
        "reason; check that L3 can be sold: windows, limits, stale prices.",
    ),
    Alert(
        name="VaultPaused",
        level=Level.WARNING,
        when="a vault's controller is paused on chain for 5 minutes",
        expr=f"max {V} ({registry.VAULT_PAUSED.name} {FRESH}) == 1",
        lasting="5m",
        summary=f"{WHERE} is paused",
        action="Find out who paused it and why. A configurator unpauses it afterwards.",
    ),
    Alert(
        name="KeeperGasLow",
        level=Level.WARNING,
        when="the key has less than five times the gas cost of the last run, for 10 minutes",
        expr=f"min {V} ({registry.KEEPER_BALANCE.name} {FRESH})"
        f" < 5 * max {V} ({registry.GAS_COST.name})",
        lasting="10m",
        summary=f"the key of {WHERE} has {{{{ $value }}}} of native token left",
        action="Send native token to it. It is not topped up automatically.",
    ),
    Alert(
        name="KeeperSilent",
        level=Level.CRITICAL,
        when="no keeper has read a vault for 15 minutes",
        expr=f"time() - max by (chain, vault) ({CHECKED}) > 900",
        summary=f"no keeper has read {WHERE} for {{{{ $value | humanizeDuration }}}}",
        action="Is the keeper running, and do its nodes respond? Its log states what it waits for.",
    ),
    Alert(
        name="KeeperMissing",
        level=Level.CRITICAL,
        when="Prometheus has no data of a vault or an inventory check for 10 minutes",
        expr=f"absent({CHECKED}) and absent({INVENTORY_CHECKED})",
        lasting="10m",
        summary="no keeper is scraped",
        action="Is the keeper running, and does Prometheus scrape it or read its file?",
    ),
)


def _gas(thresholds: Mapping[int, tuple[str, Decimal]]) -> Alert:
    each = " or ".join(
        f'{registry.GAS_COST.name}{{chain="{chain}"}} > {most}'
        for chain, (_, most) in thresholds.items()
    )
    words = ", ".join(
        f"{most} {coin} on chain {chain}" for chain, (coin, most) in thresholds.items()
    )
    return Alert(
        name="RebalanceGasCost",
        level=Level.WARNING,
        when=f"the gas cost of the last run is above {words}",
        expr=f"max {V} (({each}) {RECENT})",
        summary=f"the last run of {WHERE} used {{{{ $value }}}} of native token for gas",
        action="Is gas expensive now, or does the plan have too many small actions? Lower "
        "`maximum_fee_per_gas_wei`, or raise `REBALANCE_MIN_AMOUNT`.",
    )
