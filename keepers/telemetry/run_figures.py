"""The figures of one run, from its record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.order import OrderKind
from keepers.model.run import RunRecord, Stage, StageRecord, StepRecord, StepStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFigures:
    """What a run took, cost and lost; shares, not basis points. None where it sent nothing.

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
    """The figures of a run; one that still executes does so until now."""
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
    """What a trade lost, if it was made."""
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
