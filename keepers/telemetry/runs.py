"""Metrics of runs: of each that ends, and of those in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from math import nan

from keepers.model.money import WHOLE_BPS
from keepers.model.notice import trouble_key
from keepers.model.order import OrderKind
from keepers.model.recurring import RunReport
from keepers.model.run import RunRecord, RunStatus, Stage, StageRecord, StepRecord, StepStatus
from keepers.store.database import Ledger
from keepers.store.messages import is_open
from keepers.store.run_queries import RunCounts, count_runs
from keepers.telemetry import vault_registry as registry
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.vaults import COIN

WINDOW = timedelta(days=7)
TRIED = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.INTERRUPTED})
"""Runs that should have moved something; what a check refused was not tried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """Time, cost and losses of a run; shares, not basis points. None where it sent nothing.

    Attributes:
        executed_at: When it last sent something.
        seconds: How long execution took, from the last simulation on.
        fee_wei: What its gas cost, that of reverted transactions and of its opening too.
        worst_slippage: What the worst of its trades lost against the oracle.
        whole_slippage: What it lost as a whole, by value.
        deviation: How far the worst tier was off its simulated value.
    """

    executed_at: datetime | None
    seconds: float | None
    fee_wei: int
    worst_slippage: Fraction | None
    whole_slippage: Fraction | None
    deviation: Fraction | None


def figures_of(record: RunRecord, now: datetime) -> RunFigures:
    """Return the figures of a run; one that still executes does so until now."""
    begun, ended = _stage(record, Stage.SIMULATION), _stage(record, Stage.EXECUTION)
    sent = any(step.attempts for step in record.steps)
    until = None
    if begun is not None and (sent or ended is not None):
        until = ended.at if ended is not None else record.finished_at or now
    lost = [(step, slippage) for step in record.steps for slippage in _slippage(step)]
    verified = _stage(record, Stage.VERIFICATION)
    return RunFigures(
        executed_at=until,
        seconds=None if until is None or begun is None else (until - begun.at).total_seconds(),
        fee_wei=sum(_fees(record)),
        worst_slippage=max((slippage for _, slippage in lost), default=None),
        whole_slippage=_whole(lost),
        deviation=None if verified is None else _share(verified.detail.get("deviation_bps")),
    )


def _stage(record: RunRecord, stage: Stage) -> StageRecord | None:
    return next((each for each in record.stages if each.stage is stage), None)


def _slippage(step: StepRecord) -> Iterator[Fraction]:
    """Yield what a trade lost, if it was made."""
    outcomes = [each.outcome for each in step.attempts if each.outcome is not None]
    if step.status is StepStatus.DONE:
        found = [_share(each.slippage_bps) for each in outcomes]
        yield from (each for each in found[-1:] if each is not None)


def _whole(lost: list[tuple[StepRecord, Fraction]]) -> Fraction | None:
    """Weighted by value, as the risk check does: proceeds that are spent again lose twice."""
    moved = sum(
        step.step.amount
        for step, _ in lost
        if step.step.kind == OrderKind.SALE or not step.step.depends_on
    )
    if not moved:
        return None
    return sum((slippage * step.step.amount for step, slippage in lost), Fraction(0)) / moved


def _fees(record: RunRecord) -> Iterator[int]:
    of_steps = (attempt for step in record.steps for attempt in step.attempts)
    for attempt in (*of_steps, *record.openings):
        outcome = attempt.outcome
        if outcome is not None:
            yield (outcome.gas_used or 0) * (outcome.effective_gas_price or 0)


def _share(bps: object) -> Fraction | None:
    return None if bps is None else Fraction(str(bps)) / WHOLE_BPS


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
    """Return not-a-number where nothing was tried: no alert compares with that."""
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
