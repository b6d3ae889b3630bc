"""Metrics of vaults: snapshots, finished runs, and runs in the database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import nan

from keepers.model.money import WHOLE_BPS
from keepers.model.notice import trouble_key
from keepers.model.order import OrderKind
from keepers.model.recurring import RunReport
from keepers.model.run import RunRecord, RunStatus, Stage, StageRecord, StepRecord, StepStatus
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.store.database import Database
from keepers.store.messages import is_open
from keepers.store.run_queries import RunCounts, count_runs
from keepers.telemetry import vault_registry as registry
from keepers.telemetry.metrics import Metrics

COIN = 10**18
"""Base units per native token."""

WINDOW = timedelta(days=7)
TRIED = frozenset({RunStatus.DONE, RunStatus.PARTIAL, RunStatus.FAILED, RunStatus.INTERRUPTED})
"""Statuses of runs that attempted to move something; runs refused by a check are excluded."""


def observe_vault(metrics: Metrics, snapshot: VaultSnapshot, at: datetime | None = None) -> None:
    """Measure a vault.

    Args:
        metrics: The metrics.
        snapshot: The vault, under its configured name.
        at: Time of the snapshot; now by default.
    """
    labels = (snapshot.chain_id, snapshot.vault)
    unit = 10**snapshot.settlement_decimals
    for tier in Tier:
        _observe_tier(metrics, snapshot, tier, unit)
        _observe_weights(metrics, snapshot, tier)
    metrics.put(registry.ASSETS, snapshot.total_assets / unit, *labels)
    metrics.put(registry.REDEMPTIONS, snapshot.redemptions_due / unit, *labels)
    metrics.put(registry.VAULT_PAUSED, snapshot.paused, *labels)
    if snapshot.keeper is not None:
        metrics.put(registry.KEEPER_BALANCE, snapshot.keeper_balance_wei / COIN, *labels)
    metrics.put(registry.BLOCK_TIME, snapshot.at.timestamp(), *labels)
    metrics.put(registry.CHECKED, (at or datetime.now(UTC)).timestamp(), *labels)


def _observe_tier(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier, unit: int) -> None:
    """Measure a tier with exact shares, which are 0 in an empty vault."""
    labels = (snapshot.chain_id, snapshot.vault, tier.name)
    value, total, band = snapshot.tier_values[tier], sum(snapshot.tier_values), snapshot.bands[tier]
    ratio = Fraction(value, total) if total else Fraction(0)
    within = band.minimum_bps * total <= value * WHOLE_BPS <= band.maximum_bps * total
    target = Fraction(band.target_bps, WHOLE_BPS)
    metrics.put(registry.TIER_VALUE, value / unit, *labels)
    metrics.put(registry.TIER_RATIO, float(ratio), *labels)
    metrics.put(registry.DEVIATION, float(ratio - target) if total else 0.0, *labels)
    metrics.put(registry.TIER_WITHIN, within, *labels)
    metrics.put(registry.TIER_MINIMUM, band.minimum_bps / WHOLE_BPS, *labels)
    metrics.put(registry.TIER_TARGET, band.target_bps / WHOLE_BPS, *labels)
    metrics.put(registry.TIER_MAXIMUM, band.maximum_bps / WHOLE_BPS, *labels)


def _observe_weights(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier) -> None:
    """Measure the deviations of assets from their targets, which are 0 in an empty tier.

    The value of a holding removed from a portfolio is dropped.
    """
    held = [each for each in snapshot.positions if each.tier == tier]
    total = sum(each.value for each in held)
    off = {
        (each.symbol,): float(Fraction(each.value, total) - Fraction(each.target_bps, WHOLE_BPS))
        if total
        else 0.0
        for each in held
    }
    labels = (snapshot.chain_id, snapshot.vault, tier.name)
    metrics.put_all(registry.WEIGHT_DEVIATION, off, *labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """Time, cost and losses of a run, as shares, not basis points; None if it sent nothing.

    Attributes:
        executed_at: Time of the last transaction.
        seconds: Duration of the execution, starting with the last simulation.
        fee_wei: Gas cost, including reverted transactions and the opening.
        worst_slippage: Loss of the worst trade against the oracle.
        whole_slippage: Loss of all trades, value-weighted.
        deviation: Largest deviation of a tier from its simulated value.
    """

    executed_at: datetime | None
    seconds: float | None
    fee_wei: int
    worst_slippage: Fraction | None
    whole_slippage: Fraction | None
    deviation: Fraction | None


def figures_of(record: RunRecord, now: datetime) -> RunFigures:
    """Return the figures of a run; those of an unfinished execution extend to now."""
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
    """Yield the loss of a trade, if it was executed."""
    outcomes = [each.outcome for each in step.attempts if each.outcome is not None]
    if step.status is StepStatus.DONE:
        found = [_share(each.slippage_bps) for each in outcomes]
        yield from (each for each in found[-1:] if each is not None)


def _whole(lost: list[tuple[StepRecord, Fraction]]) -> Fraction | None:
    """Return the value-weighted loss as in the risk check; spent proceeds count twice."""
    moved = sum(
        step.step.amount
        for step, _ in lost
        if step.step.kind == OrderKind.SALE or not step.step.depends_on
    )
    if not moved:
        return None
    return sum((slippage * step.step.amount for step, slippage in lost), Fraction(0)) / moved


def _fees(record: RunRecord) -> Iterator[int]:
    for attempt in record.transactions:
        seen = attempt.inclusion
        if seen is not None:
            yield seen.gas_used * seen.effective_gas_price


def _share(bps: object) -> Fraction | None:
    return None if bps is None else Fraction(str(bps)) / WHOLE_BPS


def observe_run(metrics: Metrics, record: RunRecord) -> None:
    """Count a finished run once and measure it."""
    labels = (record.run.chain_id, record.run.vault)
    metrics.count(registry.RUNS, *labels, record.status.lower())
    figures = figures_of(record, record.finished_at or record.run.started_at)
    metrics.count(registry.GAS_COST_SUM, *labels, by=figures.fee_wei / COIN)
    _put_figures(metrics, record, figures)


def observe_paid_run(metrics: Metrics, chain_id: int, vault: str, report: RunReport) -> None:
    """Count a run of a paid rebalancer executed by this keeper's transaction."""
    metrics.count(registry.RECURRING_RUNS, chain_id, vault, report.outcome, report.reason)


def sample_runs(metrics: Metrics, database: Database, vault: str) -> None:
    """Measure a vault's runs in the database, including those of other processes.

    Raises:
        StoreUnavailableError: The database cannot be read.
    """
    now = database.now()
    counts = database.read(lambda connection: count_runs(connection, vault, now - WINDOW))
    if counts is None:
        return
    labels = (counts.chain_id, vault)
    troubled = database.read(lambda connection: is_open(connection, trouble_key(vault)))
    metrics.put(registry.TROUBLE, troubled, *labels)
    metrics.put(registry.PENDING, counts.pending, *labels)
    metrics.put(registry.SUCCESS_RATE, _success_rate(counts), *labels)
    for status in RunStatus:
        metrics.put(registry.LAST_STATUS, counts.newest is status, *labels, status.lower())
        if status in counts.began:
            began = counts.began[status].timestamp()
            metrics.put(registry.LAST_RUN, began, *labels, status.lower())
    if counts.executed is not None:
        _put_figures(metrics, counts.executed, figures_of(counts.executed, now))


def _success_rate(counts: RunCounts) -> float:
    """Return the success rate; not-a-number if nothing was tried, which fires no alert."""
    tried = sum(counts.recent.get(status, 0) for status in TRIED)
    return counts.recent.get(RunStatus.DONE, 0) / tried if tried else nan


def _put_figures(metrics: Metrics, record: RunRecord, figures: RunFigures) -> None:
    if figures.executed_at is None or figures.seconds is None:
        return
    labels = (record.run.chain_id, record.run.vault)
    metrics.put(registry.LAST_EXECUTION, figures.executed_at.timestamp(), *labels)
    metrics.put(registry.EXECUTION_TIME, figures.seconds, *labels)
    metrics.put(registry.GAS_COST, figures.fee_wei / COIN, *labels)
    metrics.put(registry.SLIPPAGE, _or_nan(figures.worst_slippage), *labels, "worst_leg")
    metrics.put(registry.SLIPPAGE, _or_nan(figures.whole_slippage), *labels, "whole")
    metrics.put(registry.VERIFICATION, _or_nan(figures.deviation), *labels)


def _or_nan(ratio: Fraction | None) -> float:
    return nan if ratio is None else float(ratio)
