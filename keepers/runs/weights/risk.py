"""Risk check of a weights run before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from keepers.model.errors.chain import ControllerPausedError, FeeAboveCapError
from keepers.model.risk import FeedHistory, RiskEnvironment
from keepers.model.run import RunStatus
from keepers.model.weights import Rejection
from keepers.model.weights_run import RebalanceRefusedError, SkipReason
from keepers.runs.amounts import bps_text, money_of
from keepers.runs.policy import SWAP_FACTOR
from keepers.runs.results import Ending
from keepers.runs.tiers.losses import (
    blocked_by_losses,
    loss_warnings,
    total_slippage,
)
from keepers.runs.tiers.permission import gas_problem
from keepers.runs.tiers.risk import environment_of, feed_detail, leg_detail
from keepers.runs.tiers.volatility import unread, unsettled
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.plan import WeightsDraft

REASONS = {
    Rejection.MAX_TOTAL_VALUE_LOSS: SkipReason.MAX_TOTAL_VALUE_LOSS,
    Rejection.NOT_IMPROVED: SkipReason.NOT_IMPROVED,
}


@dataclass(frozen=True, slots=True)
class WeightsRisk:
    """Findings on a draft; `ending` is None if the run may continue."""

    ending: Ending | None
    warnings: tuple[str, ...]
    notes: tuple[str, ...]
    detail: dict[str, Any]


async def assess_weights(ports: WeightRunDependencies, draft: WeightsDraft) -> WeightsRisk:
    """Assess a draft without storing anything.

    Check slippage, price impact, price moves, the keeper's limits and gas, by the same limits as
    tier plans. Gas is not compared with a gain, since a weight has no yield. A transient refusal by
    the chain is no failure.
    """
    ending = _idle(ports, draft) or _forbidden(ports, draft) or _refused(draft)
    around = None if ending is not None else await _surroundings(ports, draft)
    feeds = () if around is None else around.feeds
    if ending is None:
        ending = _unsettled(ports, draft, feeds) or await _short_of_gas(ports, draft)
    warnings = tuple(loss_warnings(draft.swaps, ports.runs.policy))
    notes = tuple(unread(feeds))
    detail = {**_detail(draft, feeds, ending), "warnings": list(warnings), "notes": list(notes)}
    return WeightsRisk(ending, warnings, notes, detail)


def _idle(ports: WeightRunDependencies, draft: WeightsDraft) -> Ending | None:
    """Return an ending if there is nothing to do now.

    A keeper's run has no cooldown on chain. The keeper observes it anyway, so that it does not
    trade right after another account.
    """
    if not draft.swaps or draft.turnover < ports.runs.policy.tiers.rebalance_min_amount:
        return _without(draft) if draft.left_out else Ending(RunStatus.NOTHING_TO_DO, None)
    if draft.snapshot.paused:
        return Ending(RunStatus.NOTHING_TO_DO, str(ControllerPausedError()))
    if draft.portfolio.terms.paused:
        return _refusal(SkipReason.PAUSED)
    return _refusal(SkipReason.COOL_DOWN) if _cools_down(draft) else None


def _refused(draft: WeightsDraft) -> Ending | None:
    """Return the refusal by the verifier, or by limits that refill over time."""
    if draft.plan.rejection is Rejection.NOT_IMPROVED and draft.left_out:
        return _without(draft, str(RebalanceRefusedError(SkipReason.NOT_IMPROVED)))
    if draft.plan.rejection is not None:
        return _refusal(REASONS[draft.plan.rejection])
    terms = draft.portfolio.terms
    if draft.turnover > terms.turnover.available or draft.lost > terms.loss.available:
        return _refusal(SkipReason.BUCKET_EMPTY)
    return None


def _without(draft: WeightsDraft, *others: str) -> Ending:
    """Return the ending if only left-out trades are worthwhile; it is reported."""
    return Ending(RunStatus.REFUSED, "; ".join([*(each.text for each in draft.left_out), *others]))


def _refusal(reason: SkipReason) -> Ending:
    return Ending(RunStatus.NOTHING_TO_DO, str(RebalanceRefusedError(reason)))


def _unsettled(
    ports: WeightRunDependencies, draft: WeightsDraft, feeds: Sequence[FeedHistory]
) -> Ending | None:
    """Return a refusal of the whole call while a relevant price moves too much."""
    token = draft.snapshot.settlement_symbol
    waiting = unsettled(draft.swaps, feeds, token, ports.runs.policy)
    return Ending(RunStatus.REFUSED, waiting[0].reason) if waiting else None


def _cools_down(draft: WeightsDraft) -> bool:
    terms = draft.portfolio.terms
    if terms.last_run is None:
        return False
    return draft.snapshot.at < terms.last_run + timedelta(seconds=terms.cool_down_seconds)


def _forbidden(ports: WeightRunDependencies, draft: WeightsDraft) -> Ending | None:
    """Return a refusal that does not resolve by waiting."""
    reason = _limited(draft) or blocked_by_losses(draft.swaps, ports.runs.policy)
    return None if reason is None else Ending(RunStatus.REFUSED, reason)


def _limited(draft: WeightsDraft) -> str | None:
    """Return why the keeper's limit never allows the run; None if it does when full."""
    limit, tier = draft.portfolio.terms.turnover, draft.portfolio.tier.name
    if not limit.is_set:
        return (
            f"the keeper has no limit for the weights of {tier}; add it to keepers in the "
            "deployment's configuration and run the configure script"
        )
    if draft.turnover <= limit.cap:
        return None
    turnover, cap = (money_of(draft.snapshot, each) for each in (draft.turnover, limit.cap))
    return (
        f"the run would turn over {turnover}, above the keeper's limit of {cap}; raise "
        f"weights.{tier.lower()}.turnover in the deployment's configuration and run the configure "
        "script"
    )


async def _surroundings(
    ports: WeightRunDependencies, draft: WeightsDraft
) -> RiskEnvironment | None:
    if ports.runs.readings is None:
        return None
    traded = [each.position for each in draft.swaps]
    return await environment_of(ports.runs, ports.runs.readings, draft.snapshot, traded)


async def _short_of_gas(ports: WeightRunDependencies, draft: WeightsDraft) -> Ending | None:
    try:
        fees = await ports.runs.transactions.fees()
    except FeeAboveCapError as error:
        return Ending(RunStatus.REFUSED, str(error))
    cost = ports.runs.policy.gas_limit * SWAP_FACTOR * fees.maximum
    problem = gas_problem(ports.runs, draft.snapshot, cost)
    return None if problem is None else Ending(RunStatus.REFUSED, problem)


def _detail(
    draft: WeightsDraft,
    feeds: Sequence[FeedHistory],
    ending: Ending | None,
) -> dict[str, Any]:
    """Return the detail of the risk stage, in the form of a tier plan's."""
    return {
        "blocked": None if ending is None else ending.reason,
        "estimated_slippage_bps": bps_text(total_slippage(draft.swaps)),
        "value_loss_bps": bps_text(draft.plan.value_loss),
        "turnover": str(draft.turnover),
        "turnover_available": str(draft.portfolio.terms.turnover.available),
        "loss": str(draft.lost),
        "loss_available": str(draft.portfolio.terms.loss.available),
        "legs": [leg_detail(each) for each in draft.swaps],
        "feeds": [feed_detail(each) for each in feeds],
    }
