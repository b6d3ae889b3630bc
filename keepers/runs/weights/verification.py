"""Verification of a run of weights: every holding is compared with the simulated portfolio."""

from __future__ import annotations

from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.numerals import format_rounded
from keepers.model.run import Stage
from keepers.model.tier_config import Tier
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import WeightsSimulation
from keepers.runs.tiers.verification import compared, take_sample
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.details import PLACES
from keepers.runs.weights.plan import WeightsDraft

Values = dict[str, int]


def verify_weights(
    ports: WeightRunDependencies,
    run_id: str,
    draft: WeightsDraft,
    simulated: WeightsSimulation,
    after: VaultSnapshot,
) -> bool:
    """Compare the vault at the receipt's block with the simulation, and record the result.

    Returns:
        Whether something is off by more than the tolerance, which is an alert. A holding counts as
        a part of its portfolio, a tier as one of the vault.
    """
    tier, before = draft.scales.tier, draft.snapshot
    found, planned = _values(after, tier), dict(simulated.values)
    assert simulated.tier_values is not None  # noqa: S101 - it passed
    worst = _deviation(planned, found)
    detail = {
        **compared(ports.runs, before.tier_values, simulated.tier_values, after, worst),
        "weights": {
            "before": _shares(_values(before, tier)),
            "planned": _shares(planned),
            "after": _shares(found),
        },
    }
    ports.runs.record(run_id, Stage.VERIFICATION, detail)
    take_sample(ports.runs, after, "after")
    return bool(detail["alert"])


def _deviation(planned: Values, found: Values) -> Fraction:
    """Return the deviation of the worst holding, in basis points of the portfolio."""
    total = sum(found.values())
    off = max((abs(planned.get(asset, 0) - value) for asset, value in found.items()), default=0)
    return Fraction(off * WHOLE_BPS, total) if total else Fraction(WHOLE_BPS if off else 0)


def _values(snapshot: VaultSnapshot, tier: Tier) -> Values:
    return {each.asset: each.value for each in snapshot.positions if each.tier == tier}


def _shares(values: Values) -> dict[str, str]:
    total = sum(values.values())
    return {
        asset: format_rounded(Fraction(value, total), PLACES) if total else "0"
        for asset, value in values.items()
    }
