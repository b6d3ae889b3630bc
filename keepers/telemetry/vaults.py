"""Metrics of a vault's snapshot."""

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
"""Base units of a chain's own coin."""


def observe_vault(metrics: Metrics, snapshot: VaultSnapshot, at: datetime | None = None) -> None:
    """Measure a vault.

    Args:
        metrics: Where to.
        snapshot: The vault as it was read, under its name in the configuration.
        at: When that was; now by default.
    """
    whose = (snapshot.chain_id, snapshot.vault)
    unit = 10**snapshot.settlement_decimals
    for tier in Tier:
        _observe_tier(metrics, snapshot, tier, unit)
        _observe_weights(metrics, snapshot, tier)
    metrics.put(registry.ASSETS, snapshot.total_assets / unit, *whose)
    metrics.put(registry.REDEMPTIONS, snapshot.redemptions_due / unit, *whose)
    metrics.put(registry.VAULT_PAUSED, snapshot.paused, *whose)
    if snapshot.keeper is not None:
        metrics.put(registry.KEEPER_BALANCE, snapshot.keeper_balance_wei / COIN, *whose)
    metrics.put(registry.BLOCK_TIME, snapshot.at.timestamp(), *whose)
    metrics.put(registry.CHECKED, (at or datetime.now(UTC)).timestamp(), *whose)


def _observe_tier(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier, unit: int) -> None:
    """Shares are exact until they are shown; an empty vault has nothing anywhere."""
    whose = (snapshot.chain_id, snapshot.vault, tier.name)
    value, total, band = snapshot.tier_values[tier], sum(snapshot.tier_values), snapshot.bands[tier]
    ratio = Fraction(value, total) if total else Fraction(0)
    within = band.minimum_bps * total <= value * WHOLE_BPS <= band.maximum_bps * total
    target = Fraction(band.target_bps, WHOLE_BPS)
    metrics.put(registry.TIER_VALUE, value / unit, *whose)
    metrics.put(registry.TIER_RATIO, float(ratio), *whose)
    metrics.put(registry.DEVIATION, float(ratio - target) if total else 0.0, *whose)
    metrics.put(registry.TIER_WITHIN, within, *whose)
    metrics.put(registry.TIER_MINIMUM, band.minimum_bps / WHOLE_BPS, *whose)
    metrics.put(registry.TIER_TARGET, band.target_bps / WHOLE_BPS, *whose)
    metrics.put(registry.TIER_MAXIMUM, band.maximum_bps / WHOLE_BPS, *whose)


def _observe_weights(metrics: Metrics, snapshot: VaultSnapshot, tier: Tier) -> None:
    """Measure how far assets are off their targets; in an empty tier none is.

    A holding that was taken out of a portfolio is off nothing: its last value does not stay.
    """
    held = [each for each in snapshot.positions if each.tier == tier]
    total = sum(each.value for each in held)
    off = {
        (each.symbol,): float(Fraction(each.value, total) - Fraction(each.target_bps, WHOLE_BPS))
        if total
        else 0.0
        for each in held
    }
    whose = (snapshot.chain_id, snapshot.vault, tier.name)
    metrics.put_all(registry.WEIGHT_DEVIATION, off, *whose)


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
        seen = attempt.inclusion
        if seen is not None:
            yield seen.gas_used * seen.effective_gas_price


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


def sample_runs(metrics: Metrics, ledger: Database, vault: str) -> None:
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
