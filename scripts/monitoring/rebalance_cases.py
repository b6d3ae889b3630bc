"""Tests of the alerts about rebalances. Numbers are copied from the source document."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.monitoring.case import (
    Case,
    absent_clock,
    always,
    clock,
    no_number,
    steps,
    stopping_clock,
)

VAULT = {"chain": "56", "vault": "main"}
TIER = {**VAULT, "tier": "L1"}
OF_VAULT = 'chain="56",vault="main"'
OF_TIER = f'{OF_VAULT},tier="L1"'
CHECKED = f"ballast_vault_check_timestamp_seconds{{{OF_VAULT}}}"
TROUBLE = f"ballast_rebalance_trouble{{{OF_VAULT}}}"
EXECUTED = f"ballast_rebalance_last_execution_timestamp_seconds{{{OF_VAULT}}}"
HOUR = 65
"""A little more than an hour, in minutes."""


def rebalance_cases() -> Iterator[Case]:
    """Yield all tests."""
    yield from _deviations()
    yield from _last_run()
    yield from _gas()
    yield from _runs()
    yield from _vaults()


def _deviations() -> Iterator[Case]:
    below, deviation = "RebalanceDeviation", f"rebalance_deviation_ratio{{{OF_TIER}}}"
    critical, within = "RebalanceDeviationCritical", f"ballast_tier_within_bounds{{{OF_TIER}}}"
    read = {CHECKED: clock(0)}
    for sign, word in ((1, "above"), (-1, "below")):
        series = {deviation: steps(sign * 0.07, sign * 0.0701), within: always(1)} | read
        yield Case(alert=below, about=f"7 % {word} the target", series=series, labels=TIER)
        series = {deviation: steps(sign * 0.1, sign * 0.1001), within: always(1)} | read
        yield Case(alert=critical, about=f"10 % {word} the target", series=series, labels=TIER)
    series = {deviation: always(-0.0501), within: steps(1, 0)} | read
    yield Case(alert=critical, about="outside the band", series=series, labels=TIER)
    series = {deviation: steps(0, -0.1), within: steps(1, 0)} | read
    yield Case(alert=critical, about="L1 is empty", series=series, labels=TIER)
    yield from _standing_by()


def _standing_by() -> Iterator[Case]:
    """Yield tests of two keepers: values from before a take-over do not count."""
    one, two = ',instance="one"', ',instance="two"'
    checked = "ballast_vault_check_timestamp_seconds"
    series = {
        f"rebalance_deviation_ratio{{{OF_TIER}{one}}}": always(0.2),
        f"{checked}{{{OF_VAULT}{one}}}": clock(900),
        f"rebalance_deviation_ratio{{{OF_TIER}{two}}}": steps(0.07, 0.0701),
        f"{checked}{{{OF_VAULT}{two}}}": clock(899),
    }
    yield Case(alert="RebalanceDeviation", about="one stands by", series=series, labels=TIER)


def _last_run() -> Iterator[Case]:
    now = {EXECUTED: clock(0)}
    values = {
        "RebalanceSlow": ("rebalance_execution_time", "", 300, 301, VAULT),
        "RebalanceNotAsSimulated": (
            *("ballast_rebalance_verification_deviation_ratio", "", 0.01, 0.0101),
            VAULT,
        ),
    }
    for scope in ("worst_leg", "whole"):
        labels = {**VAULT, "scope": scope}
        more = f',scope="{scope}"'
        for alert, most in (("RebalanceSlippage", 0.02), ("RebalanceSlippageCritical", 0.05)):
            series = {f"rebalance_slippage{{{OF_VAULT}{more}}}": steps(most, most + 0.0001)}
            yield Case(alert=alert, about=scope, series=series | now, labels=labels)
    for alert, (metric, more, quiet, trouble, labels) in values.items():
        series = {f"{metric}{{{OF_VAULT}{more}}}": steps(quiet, trouble)}
        yield Case(alert=alert, about="its threshold", series=series | now, labels=labels)
    old = {f"rebalance_execution_time{{{OF_VAULT}}}": always(301), EXECUTED: clock(86_400)}
    yield Case(alert="RebalanceSlow", about="a run a day ago", series=old, labels=None)
    nan = {f'rebalance_slippage{{{OF_VAULT},scope="whole"}}': no_number()} | now
    yield Case(alert="RebalanceSlippage", about="nothing was traded", series=nan, labels=None)


def _gas() -> Iterator[Case]:
    limits = {56: 0.5, 1: 0.2, 10: 0.01, 8453: 0.01, 42161: 0.01, 137: 100, 43114: 5}
    for chain, most in limits.items():
        where = f'chain="{chain}",vault="main"'
        series = {
            f"rebalance_gas_cost{{{where}}}": steps(most, most * 1.01),
            f"ballast_rebalance_last_execution_timestamp_seconds{{{where}}}": clock(0),
        }
        labels = {"chain": str(chain), "vault": "main"}
        yield Case(alert="RebalanceGasCost", about=f"chain {chain}", series=series, labels=labels)
    unknown = {'rebalance_gas_cost{chain="1000001",vault="main"}': always(1_000)}
    unknown['ballast_rebalance_last_execution_timestamp_seconds{chain="1000001",vault="main"}'] = (
        clock(0)
    )
    yield Case(
        alert="RebalanceGasCost", about="a chain without a limit", series=unknown, labels=None
    )


def _runs() -> Iterator[Case]:
    rate = f"rebalance_success_rate{{{OF_VAULT}}}"
    series = {rate: steps(0.9, 0.8999), CHECKED: clock(0)}
    yield Case(alert="RebalanceSuccessRate", about="90 %", series=series, labels=VAULT)
    nothing = {rate: no_number(), CHECKED: clock(0)}
    yield Case(alert="RebalanceSuccessRate", about="no runs", series=nothing, labels=None)
    pending = {
        'rebalance_pending_count{chain="56",vault="a",instance="one"}': always(3),
        'rebalance_pending_count{chain="56",vault="a",instance="two"}': always(3),
        'rebalance_pending_count{chain="56",vault="b",instance="one"}': steps(2, 3),
    }
    checked = "ballast_vault_check_timestamp_seconds"
    for vault, instance in (("a", "one"), ("a", "two"), ("b", "one")):
        where = f'chain="56",vault="{vault}",instance="{instance}"'
        pending[f"{checked}{{{where}}}"] = clock(0)
    yield Case(alert="RebalancePending", about="5, replicas once", series=pending, labels={})
    for status in ("refused", "failed"):
        labels = {**VAULT, "status": status}
        name = f'ballast_rebalance_last_run_status{{{OF_VAULT},status="{status}"}}'
        series = {name: steps(0, 1, HOUR), TROUBLE: always(1, HOUR), CHECKED: clock(0, HOUR)}
        yield Case(
            alert="RebalanceRefused", about=status, series=series, labels=labels, minutes=HOUR
        )
    done = {
        f'ballast_rebalance_last_run_status{{{OF_VAULT},status="done"}}': always(1, HOUR),
        TROUBLE: always(1, HOUR),
        CHECKED: clock(0, HOUR),
    }
    yield Case(alert="RebalanceRefused", about="done", series=done, labels=None, minutes=HOUR)
    status = f'ballast_rebalance_last_run_status{{{OF_VAULT},status="refused"}}'
    over = {status: always(1, HOUR), TROUBLE: always(0, HOUR), CHECKED: clock(0, HOUR)}
    yield Case(alert="RebalanceRefused", about="over", series=over, labels=None, minutes=HOUR)
    then = {status: always(1, HOUR), TROUBLE: always(1, HOUR), CHECKED: clock(900, HOUR)}
    yield Case(
        alert="RebalanceRefused", about="one stands by", series=then, labels=None, minutes=HOUR
    )


def _vaults() -> Iterator[Case]:
    value = "ballast_tier_value_tokens"
    series = {
        f'{value}{{{OF_VAULT},tier="L1",instance="one"}}': always(100),
        f'{value}{{{OF_VAULT},tier="L1",instance="two"}}': always(100),
        f'{value}{{{OF_VAULT},tier="L2",instance="one"}}': always(300),
        f'{value}{{{OF_VAULT},tier="L3",instance="one"}}': always(600),
        f'ballast_redemptions_due_tokens{{{OF_VAULT},instance="one"}}': steps(320, 320.1),
        f'ballast_vault_check_timestamp_seconds{{{OF_VAULT},instance="one"}}': clock(0),
        f'ballast_vault_check_timestamp_seconds{{{OF_VAULT},instance="two"}}': clock(0),
    }
    yield Case(alert="RedemptionsNotCovered", about="80 %", series=series, labels=VAULT)
    series = {f"ballast_vault_paused{{{OF_VAULT}}}": steps(0, 1), CHECKED: clock(0)}
    yield Case(alert="VaultPaused", about="paused", series=series, labels=VAULT)
    series = {
        f"ballast_vault_keeper_balance_coins{{{OF_VAULT}}}": steps(0.5, 0.49),
        f"rebalance_gas_cost{{{OF_VAULT}}}": always(0.1),
        CHECKED: clock(0),
    }
    yield Case(alert="KeeperGasLow", about="five runs", series=series, labels=VAULT)
    series = {CHECKED: stopping_clock(900)}
    yield Case(alert="KeeperSilent", about="15 minutes", series=series, labels=VAULT)
    gone = {CHECKED: absent_clock()}
    yield Case(alert="KeeperMissing", about="gone", series=gone, labels={})
    treasuries = {"ballast_inventory_check_timestamp_seconds": clock(0)}
    yield Case(alert="KeeperMissing", about="treasuries alone", series=treasuries, labels=None)
