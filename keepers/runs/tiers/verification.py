"""Stage 6: is the chain where the simulation said that it would be?"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.run import Stage, TierSample
from keepers.model.tier_config import TierValues
from keepers.model.vault import VaultSnapshot
from keepers.runs.results import StepResult
from keepers.runs.tiers.amounts import bps_text
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.strategy import driver_of


async def verify(
    world: TierRunDependencies,
    run_id: str,
    before: TierValues,
    planned: TierValues,
    results: Mapping[int, StepResult],
) -> bool:
    """Read the vault at the last receipt's block and compare it with the simulation.

    Returns:
        Whether a tier is off by more than the tolerance, which is an alert.
    """
    blocks = [result.block for result in results.values() if result.block is not None]
    after = await world.chain.snapshot(max(blocks) if blocks else None)
    deviation = deviation_bps(planned, after.tier_values)
    alert = deviation > world.policy.verification_tolerance_bps
    detail = {
        "before": _texts(before),
        "planned": _texts(planned),
        "after": _texts(after.tier_values),
        "block": after.block_number,
        "deviation_bps": bps_text(deviation),
        "alert": alert,
    }
    driver_of(world).record_once(run_id, Stage.VERIFICATION, detail)
    take_sample(world, after, "after")
    return alert


def deviation_bps(planned: TierValues, actual: TierValues) -> Fraction:
    """How far the worst tier is off, in basis points of the whole."""
    total = sum(actual)
    off = max(abs(wanted - found) for wanted, found in zip(planned, actual, strict=True))
    if total == 0:
        return Fraction(WHOLE_BPS if off else 0)
    return Fraction(off * WHOLE_BPS, total)


def take_sample(world: TierRunDependencies, snapshot: VaultSnapshot, label: str) -> None:
    """Keep the tiers of a block for drawing."""
    world.journal.record_sample(
        TierSample(
            vault=world.vault,
            chain_id=world.chain_id,
            block_number=snapshot.block_number,
            at=snapshot.at,
            values=snapshot.tier_values,
            label=label,
        )
    )


def _texts(values: TierValues) -> list[str]:
    return [str(value) for value in values]
