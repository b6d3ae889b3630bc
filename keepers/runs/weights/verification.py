"""Is the portfolio where the simulation said that it would be?"""

from __future__ import annotations

from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.numerals import format_rounded
from keepers.model.run import Stage
from keepers.model.tier_config import Tier, TierValues
from keepers.model.vault import VaultSnapshot
from keepers.model.weights_run import WeightsSimulation
from keepers.runs.tiers.amounts import bps_text
from keepers.runs.tiers.verification import deviation_bps, take_sample
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.details import PLACES

Values = dict[str, int]


async def verify_weights(
    world: WeightRunDependencies,
    run_id: str,
    before: VaultSnapshot,
    simulated: WeightsSimulation,
    at: tuple[Tier, int],
) -> bool:
    """Read the vault at the receipt's block and compare every holding, and the tiers.

    Args:
        world: The ports.
        run_id: The run.
        before: The vault that the plan was made from.
        simulated: What the simulation left.
        at: The tier, and the receipt's block.

    Returns:
        Whether something is off by more than the tolerance, which is an alert. A holding counts as
        a part of its portfolio, a tier as one of the vault.
    """
    tier, block = at
    after = await world.runs.chain.snapshot(block)
    found, planned = _values(after, tier), dict(simulated.values)
    assert simulated.tier_values is not None  # noqa: S101 - it passed
    tiers = deviation_bps(simulated.tier_values, after.tier_values)
    deviation = max(tiers, _deviation(planned, found))
    alert = deviation > world.runs.policy.verification_tolerance_bps
    shares = {
        "before": _shares(_values(before, tier)),
        "planned": _shares(planned),
        "after": _shares(found),
    }
    detail = {
        "before": _texts(before.tier_values),
        "planned": _texts(simulated.tier_values),
        "after": _texts(after.tier_values),
        "weights": shares,
        "block": after.block_number,
        "deviation_bps": bps_text(deviation),
        "alert": alert,
    }
    world.runs.record(run_id, Stage.VERIFICATION, detail)
    take_sample(world.runs, after, "after")
    return alert


def _deviation(planned: Values, found: Values) -> Fraction:
    """How far the worst holding is off, in basis points of the portfolio."""
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


def _texts(values: TierValues) -> list[str]:
    return [str(value) for value in values]
