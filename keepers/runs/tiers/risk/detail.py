"""What the journal keeps of the risk check: numbers as decimal strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from keepers.model.numerals import format_rounded
from keepers.model.risk import FeedHistory, FundYield, RiskEnvironment
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.amounts import bps_text
from keepers.runs.tiers.build_actions import Planned
from keepers.runs.tiers.risk.gain import GasAgainstGain
from keepers.runs.tiers.risk.losses import total_slippage
from keepers.runs.tiers.risk.volatility import Waiting, is_urgent

UNIT_PLACES = 6
"""Decimals of base units: amounts here are estimates, and less than a unit each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What feeds and yields say of a plan; nothing where they were not read."""

    yields: Mapping[str, FundYield] = field(default_factory=dict[str, FundYield])
    around: RiskEnvironment | None = None
    weighed: GasAgainstGain | None = None
    waiting: tuple[Waiting, ...] = ()
    notes: tuple[str, ...] = ()


def detail_of(
    planned: Planned, findings: Findings, warnings: Sequence[str], blocked: str | None
) -> dict[str, Any]:
    """The result of the risk stage; amounts in settlement base units unless named otherwise."""
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
    """What one trade is estimated to lose."""
    impact = action.impact_bps
    return {
        "index": action.step.index,
        "symbol": action.step.symbol,
        "slippage_bps": action.step.estimated_slippage_bps,
        "impact_bps": None if impact is None else bps_text(impact),
        "urgent": is_urgent(action),
    }


def feed_detail(feed: FeedHistory) -> dict[str, Any]:
    """What a feed said."""
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
