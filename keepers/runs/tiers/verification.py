"""Verification: compare the tiers on chain with the simulation."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.errors import BallastError
from keepers.model.json_document import JsonObject
from keepers.model.money import WHOLE_BPS
from keepers.model.run import Stage, TierSample
from keepers.model.tier_config import TierValues
from keepers.model.vault import VaultSnapshot
from keepers.runs.amounts import bps_text
from keepers.runs.driver import record_once
from keepers.runs.results import Ending, StepResult, failures_of, status_of
from keepers.runs.tiers.dependencies import TierRunDependencies


async def verified_ending(
    ports: TierRunDependencies,
    run_id: str,
    before: TierValues,
    simulated: TierValues,
    results: Mapping[int, StepResult],
) -> Ending:
    """Return the ending of an executed run after comparing its tiers with the simulation."""
    record = ports.store.run(run_id)
    status, reason = status_of(record), failures_of(record)
    blocks = [result.block for result in results.values() if result.block is not None]
    try:
        after = await ports.chain.snapshot(max(blocks) if blocks else None)
    except BallastError as error:
        return Ending(status, reason or f"done, but the result cannot be verified: {error}")
    verification = compared(ports, before, simulated, after)
    record_once(ports.store, run_id, Stage.VERIFICATION, verification)
    take_sample(ports, after, "after")
    text = "ALERT: not as simulated" if verification["alert"] else "as simulated"
    ports.progress(f"verification: {text}")
    return Ending(status, reason)


def compared(
    ports: TierRunDependencies,
    before: TierValues,
    simulated: TierValues,
    after: VaultSnapshot,
    worst: Fraction = Fraction(0),
) -> JsonObject:
    """Return the detail of the verification stage.

    Args:
        ports: The ports.
        before: The tier values that the plan was made from.
        simulated: The tier values after the simulation.
        after: The vault at the last receipt's block.
        worst: Another known deviation, in basis points.
    """
    deviation = max(worst, deviation_bps(simulated, after.tier_values))
    return {
        "before": _texts(before),
        "planned": _texts(simulated),
        "after": _texts(after.tier_values),
        "block": after.block_number,
        "deviation_bps": bps_text(deviation),
        "alert": deviation > ports.policy.verification_tolerance_bps,
    }


def deviation_bps(planned: TierValues, actual: TierValues) -> Fraction:
    """Return the largest deviation of a tier, in basis points of the total."""
    total = sum(actual)
    off = max(abs(wanted - found) for wanted, found in zip(planned, actual, strict=True))
    if total == 0:
        return Fraction(WHOLE_BPS if off else 0)
    return Fraction(off * WHOLE_BPS, total)


def take_sample(ports: TierRunDependencies, snapshot: VaultSnapshot, label: str) -> None:
    """Record the tier values of a block for charts."""
    ports.store.record_sample(
        TierSample(
            vault=ports.vault,
            chain_id=ports.chain_id,
            block_number=snapshot.block_number,
            at=snapshot.at,
            values=snapshot.tier_values,
            label=label,
        )
    )


def _texts(values: TierValues) -> list[str]:
    return [str(value) for value in values]
