"""Risk check of a plan before anything is sent: which actions may run now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from typing import Any

from keepers.model.chain import Fees
from keepers.model.errors.chain import FeeAboveCapError
from keepers.model.json_document import JsonObject
from keepers.model.money import format_rounded
from keepers.model.risk import FeedHistory, FundYield, RiskEnvironment
from keepers.model.run import Stage
from keepers.model.vault import VaultPosition, VaultSnapshot
from keepers.runs.amounts import bps_text, money_of
from keepers.runs.strategy import RunRefusedError
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import RiskReadings, TierRunDependencies
from keepers.runs.tiers.gain import (
    GasAgainstGain,
    gas_against_gain,
    known_yields,
    not_weighed,
    too_dear,
)
from keepers.runs.tiers.losses import blocked_by_losses, loss_warnings, total_slippage
from keepers.runs.tiers.offers import TOO_SMALL
from keepers.runs.tiers.permission import fees_now, forbidden, short_of_gas
from keepers.runs.tiers.volatility import (
    Waiting,
    is_urgent,
    seeks_yield,
    unread,
    unsettled,
    without_waiting,
)

UNIT_PLACES = 6
"""Decimal places of base units, since these amounts are estimates with fractions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Findings from feeds and yields; empty if they were not read."""

    yields: Mapping[str, FundYield] = field(default_factory=dict[str, FundYield])
    around: RiskEnvironment | None = None
    weighed: GasAgainstGain | None = None
    waiting: tuple[Waiting, ...] = ()
    notes: tuple[str, ...] = ()


def risk_detail(
    planned: TierRunPlan, findings: Findings, warnings: Sequence[str], blocked: str | None
) -> dict[str, Any]:
    """Return the detail of the risk stage; amounts in settlement base units unless named."""
    around, weighed = findings.around, findings.weighed
    return {
        "warnings": list(warnings),
        "blocked": blocked,
        "estimated_slippage_bps": bps_text(total_slippage(planned.actions)),
        "legs": [leg_detail(action) for action in planned.actions],
        "feeds": [] if around is None else [feed_detail(each) for each in around.feeds],
        "gas_against_gain": None if weighed is None else _weighed(weighed),
        "yields": {asset: _yield(each) for asset, each in sorted(findings.yields.items())},
        "waiting": [{"index": each.index, "reason": each.reason} for each in findings.waiting],
        "notes": list(findings.notes),
    }


def leg_detail(action: Action) -> dict[str, Any]:
    """Return the estimated loss of one trade."""
    impact = action.impact_bps
    return {
        "index": action.step.index,
        "symbol": action.step.symbol,
        "slippage_bps": action.step.estimated_slippage_bps,
        "impact_bps": None if impact is None else bps_text(impact),
        "urgent": is_urgent(action),
    }


def feed_detail(feed: FeedHistory) -> dict[str, Any]:
    """Return the history of a feed."""
    return {
        "symbol": feed.symbol,
        "since": feed.since.isoformat(),
        "rounds": len(feed.in_force),
        "move_bps": bps_text(feed.move_bps),
        "reaches": feed.reaches,
    }


def _weighed(found: GasAgainstGain) -> dict[str, Any]:
    return {
        "indices": list(found.indices),
        "gas": found.gas,
        "cost_wei": str(found.cost_wei),
        "cost": _units(found.cost),
        "gain": _units(found.gain),
        "unknown": list(found.unknown),
    }


def _yield(found: FundYield) -> dict[str, Any]:
    return {"yearly_bps": bps_text(found.yearly_bps), "days": str(found.over.days)}


def _units(amount: Fraction | None) -> str | None:
    return None if amount is None else format_rounded(amount, UNIT_PLACES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Verdict of the risk check.

    Attributes:
        admitted: The plan without the actions that wait.
        waiting: Actions that do not run now, with reasons.
        warnings: Problems that do not stop the plan.
        notes: Checks that were not possible.
    """

    admitted: TierRunPlan
    waiting: tuple[Waiting, ...]
    warnings: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Assessment of a plan: verdict, reason why nothing may run, and stage detail."""

    verdict: Verdict
    blocked: str | None
    detail: JsonObject


async def assess_risk(
    ports: TierRunDependencies, run_id: str, planned: TierRunPlan, readings: RiskReadings | None
) -> Verdict:
    """Assess a plan and record all inputs of the assessment.

    Raises:
        RunRefusedError: The plan may not run, or all its actions wait.
    """
    found = await measure_risk(ports, planned, readings)
    ports.record(run_id, Stage.RISK, found.detail)
    if found.blocked is not None:
        raise RunRefusedError(Stage.RISK, found.blocked)
    return found.verdict


async def measure_risk(
    ports: TierRunDependencies, planned: TierRunPlan, readings: RiskReadings | None
) -> Assessment:
    """Assess a plan without recording anything."""
    fees = await fees_now(ports, planned)
    findings = await _find(ports, planned, readings, fees)
    admitted = without_waiting(planned, findings.waiting)
    warnings = tuple(_warnings(ports, planned, admitted))
    blocked = (
        forbidden(ports, admitted)
        or blocked_by_losses(admitted.actions, ports.policy)
        or short_of_gas(ports, admitted, fees)
        or _nothing_left(admitted, findings.waiting)
    )
    verdict = Verdict(
        admitted=admitted, waiting=findings.waiting, warnings=warnings, notes=findings.notes
    )
    return Assessment(verdict, blocked, risk_detail(planned, findings, warnings, blocked))


def leave_waiting(
    ports: TierRunDependencies, planned: TierRunPlan, waiting: Sequence[Waiting]
) -> None:
    """Skip the actions that wait; a later run plans them again."""
    steps = dict(zip((each.step.index for each in planned.actions), planned.step_ids, strict=True))
    for each in waiting:
        ports.store.skip_step(steps[each.index], f"waits: {each.reason}")
        ports.progress(f"action {each.index + 1} waits: {each.reason}")


async def _find(
    ports: TierRunDependencies,
    planned: TierRunPlan,
    readings: RiskReadings | None,
    fees: Fees | FeeAboveCapError | None,
) -> Findings:
    """Return the findings; actions that wait because of feeds are not checked for gain."""
    if readings is None:
        return Findings()
    snapshot, policy = planned.snapshot, ports.policy
    yields = known_yields(readings.yields, snapshot)
    around = await _surroundings(ports, planned, readings)
    if around is None or not isinstance(fees, Fees):
        return Findings(yields=yields)
    unsteady = unsettled(planned.actions, around.feeds, snapshot.settlement_symbol, policy)
    left = without_waiting(planned, unsteady).actions
    weighed = gas_against_gain(
        [each for each in left if seeks_yield(planned, each)],
        yields,
        policy,
        fee=fees.maximum,
        coin_price=around.coin_price,
    )
    return Findings(
        yields=yields,
        around=around,
        weighed=weighed,
        waiting=(*unsteady, *_dear(weighed, planned, ports)),
        notes=tuple(_notes(around.feeds, weighed)),
    )


async def _surroundings(
    ports: TierRunDependencies, planned: TierRunPlan, readings: RiskReadings
) -> RiskEnvironment | None:
    """Read the risk environment; None if every action is urgent."""
    patient = [each.position for each in planned.actions if not is_urgent(each)]
    if not patient:
        return None
    return await environment_of(ports, readings, planned.snapshot, patient)


async def environment_of(
    ports: TierRunDependencies,
    readings: RiskReadings,
    snapshot: VaultSnapshot,
    positions: Sequence[VaultPosition],
) -> RiskEnvironment:
    """Return the settlement token's and positions' feeds over the volatility window."""
    since = snapshot.at - timedelta(seconds=ports.policy.volatility_window_seconds)
    return await readings.prices.surroundings(snapshot, positions, since)


def _dear(
    weighed: GasAgainstGain, planned: TierRunPlan, ports: TierRunDependencies
) -> Iterator[Waiting]:
    if weighed.is_too_dear(ports.policy.maximum_gas_share_bps):
        reason = too_dear(weighed, planned.snapshot, ports.policy)
        for index in weighed.indices:
            yield Waiting(index, reason)


def _notes(feeds: tuple[FeedHistory, ...], weighed: GasAgainstGain) -> Iterator[str]:
    yield from unread(feeds)
    note = not_weighed(weighed)
    if note is not None:
        yield note


def _nothing_left(admitted: TierRunPlan, waiting: tuple[Waiting, ...]) -> str | None:
    """Return why nothing of a plan runs; None if something does or the plan was empty."""
    if admitted.actions or not waiting:
        return None
    return "; ".join(dict.fromkeys(each.reason for each in waiting))


def _warnings(
    ports: TierRunDependencies, planned: TierRunPlan, admitted: TierRunPlan
) -> Iterator[str]:
    yield from loss_warnings(admitted.actions, ports.policy)
    yield from shortfalls_of(planned)
    for unmet in planned.plan.unmet:
        yield f"{unmet.need} of {money_of(planned.snapshot, unmet.amount)} cannot be covered"


def shortfalls_of(planned: TierRunPlan) -> Iterator[str]:
    """Yield the parts of the plan without orders, and those that wait for a limit."""
    for short in planned.orders.shortfalls:
        yield (
            f"no {short.kind.lower()} is possible for {money_of(planned.snapshot, short.amount)} "
            "now"
        )
    yield from planned.waits


def nothing_tradable(planned: TierRunPlan) -> str:
    """Return why no leg of a plan has an order."""
    causes = [*shortfalls_of(planned), *(each.text for each in planned.left_out)]
    return f"nothing of the plan can be traded: {'; '.join(causes) or TOO_SMALL}"
