"""Stage details of a weights run for reports; amounts are strings of base units."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from keepers.model.money import format_rounded
from keepers.model.step import WeightsStep
from keepers.model.tier_config import Tier
from keepers.model.weights_run import WEIGHTS, WeightsSimulation
from keepers.runs.amounts import bps_text
from keepers.runs.tiers.action import left_out_detail, order_detail, snapshot_detail
from keepers.runs.tiers.losses import total_slippage
from keepers.runs.weights.plan import WeightsDraft
from keepers.runs.weights.preview import WeightsPreview

PLACES = 6


def plan_detail(found: WeightsPreview, tier: Tier, cause: str) -> dict[str, Any]:
    """Return the detail of the plan stage."""
    snapshot = found.snapshot
    made = None if found.drafted is None else found.drafted[0]
    trigger = {"kind": WEIGHTS, "tier": tier.name, "asset": None, "reason": cause}
    return {
        "settlement": {
            "symbol": snapshot.settlement_symbol,
            "decimals": snapshot.settlement_decimals,
        },
        "snapshot": snapshot_detail(snapshot),
        "plan": {"triggers": [trigger], "actions": []},
        "orders": [] if made is None else [order_detail(each) for each in made.swaps],
        "weights": None if made is None else _weights(made),
        "left_out": [left_out_detail(each) for each in found.left_out],
    }


def step_of(made: WeightsDraft) -> WeightsStep:
    """Return the single step of a run."""
    assert made.call is not None  # noqa: S101 - the run has a trade
    tier = made.portfolio.tier
    return WeightsStep(
        index=0,
        kind=WEIGHTS,
        reason=f"the assets of {tier.name} are traded to their target weights",
        target=made.call.target,
        calldata=made.call.calldata,
        tier=int(tier),
        verifier=made.portfolio.judge,
        turnover=made.turnover,
        estimated_slippage_bps=bps_text(total_slippage(made.swaps)),
    )


def simulation_detail(found: WeightsSimulation) -> dict[str, Any]:
    """Return the detail of the simulation stage."""
    failed = found.failed
    return {
        "method": found.method,
        "gas": [] if found.gas is None else [found.gas],
        "received": [],
        "post_tier_values": [str(each) for each in found.tier_values or ()],
        "post_values": {asset: str(value) for asset, value in sorted(found.values.items())},
        "failed": None if failed is None else {"index": 0, "error": str(failed)},
    }


def _weights(made: WeightsDraft) -> dict[str, Any]:
    before, after = made.plan.before, made.plan.after
    symbols = {each.asset: each.symbol for each in made.snapshot.positions}
    return {
        "tier": made.portfolio.tier.name,
        "judge": made.portfolio.judge,
        "deviation_before": _ratio(before.deviation),
        "deviation_planned": _ratio(after.deviation),
        "value_loss_bps": bps_text(made.plan.value_loss),
        "assets": [
            {
                "asset": each.asset,
                "symbol": symbols[each.asset],
                "target_bps": each.target_bps,
                "before": _share(before.weights, each.asset),
                "planned": _share(after.weights, each.asset),
            }
            for each in made.portfolio.constituents
        ],
    }


def _share(weights: Mapping[str, Fraction], asset: str) -> str:
    return _ratio(weights[asset])


def _ratio(number: Fraction) -> str:
    return format_rounded(number, PLACES)
