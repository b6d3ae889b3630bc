"""What is measured of runs: when one ends, and of those that the database has."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from math import nan

from keepers.model.notice import trouble_key
from keepers.model.recurring import RunReport
from keepers.model.run import RunRecord, RunStatus
from keepers.store.run_queries import RunCounts, count_runs
from keepers.store.sending.notices import is_open
from keepers.store.sending.transact import Ledger
from keepers.telemetry import vault_registry as registry
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.run_figures import RunFigures, figures_of
from keepers.telemetry.vaults import COIN

WINDOW = timedelta(days=7)
TRIED = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.INTERRUPTED})
"""Runs that should have moved something; what a check refused was not tried."""


def observe_run(metrics: Metrics, record: RunRecord) -> None:
    """Count a run that has ended, once, and measure it."""
    whose = (record.run.chain_id, record.run.vault)
    metrics.count(registry.RUNS, *whose, record.status.lower())
    figures = figures_of(record, record.finished_at or record.run.started_at)
    metrics.count(registry.GAS_COST_SUM, *whose, by=figures.fee_wei / COIN)
    _show(metrics, record, figures)


def observe_paid_run(metrics: Metrics, chain_id: int, vault: str, report: RunReport) -> None:
    """Count a run of a paid rebalancer that a transaction of ours has executed."""
    metrics.count(registry.RECURRING_RUNS, chain_id, vault, report.outcome, report.reason)


def sample_runs(metrics: Metrics, ledger: Ledger, vault: str) -> None:
    """Measure the runs of a vault that the database has; it may have been another process's.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    now = ledger.now()
    counts = ledger.read(lambda connection: count_runs(connection, vault, now - WINDOW))
    if counts is None:
        return
    whose = (counts.chain_id, vault)
    troubled = ledger.read(lambda connection: is_open(connection, trouble_key(vault)))
    metrics.put(registry.TROUBLE, troubled, *whose)
    metrics.put(registry.PENDING, counts.pending, *whose)
    metrics.put(registry.SUCCESS_RATE, _success_rate(counts), *whose)
    for status in RunStatus:
        metrics.put(registry.LAST_STATUS, counts.newest is status, *whose, status.lower())
        if status in counts.began:
            began = counts.began[status].timestamp()
            metrics.put(registry.LAST_RUN, began, *whose, status.lower())
    if counts.executed is not None:
        _show(metrics, counts.executed, figures_of(counts.executed, now))


def _success_rate(counts: RunCounts) -> float:
    """Not a number where nothing was tried: no alert compares with that."""
    tried = sum(counts.recent.get(status, 0) for status in TRIED)
    return counts.recent.get(RunStatus.DONE, 0) / tried if tried else nan


def _show(metrics: Metrics, record: RunRecord, figures: RunFigures) -> None:
    if figures.executed_at is None or figures.seconds is None:
        return
    whose = (record.run.chain_id, record.run.vault)
    metrics.put(registry.LAST_EXECUTION, figures.executed_at.timestamp(), *whose)
    metrics.put(registry.EXECUTION_TIME, figures.seconds, *whose)
    metrics.put(registry.GAS_COST, figures.fee_wei / COIN, *whose)
    metrics.put(registry.SLIPPAGE, _or_nan(figures.worst_slippage), *whose, "worst_leg")
    metrics.put(registry.SLIPPAGE, _or_nan(figures.whole_slippage), *whose, "whole")
    metrics.put(registry.VERIFICATION, _or_nan(figures.deviation), *whose)


def _or_nan(ratio: Fraction | None) -> float:
    return nan if ratio is None else float(ratio)
