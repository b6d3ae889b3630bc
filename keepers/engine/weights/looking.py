"""What a run of weights would do now; nothing is kept, and nothing is sent."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.domain.errors_weights import NoWeightsError, RebalanceRefusedError
from keepers.domain.run import RunStatus
from keepers.domain.tier import Tier
from keepers.domain.vault import VaultSnapshot
from keepers.engine.weights.plan import WeightsDraft, draft
from keepers.engine.weights.risk import Ending, WeightsRisk, judge_weights
from keepers.engine.weights.world import WeightsWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A portfolio as it was found.

    Attributes:
        snapshot: The vault.
        drafted: What would be done, and what was found of it; None where it cannot be told.
        ending: How a run ends by it before anything is sent; None where it may go on.
    """

    snapshot: VaultSnapshot
    drafted: tuple[WeightsDraft, WeightsRisk] | None
    ending: Ending | None


async def look(world: WeightsWorld, tier: Tier) -> Look:
    """Weigh a portfolio, plan and judge.

    Raises:
        BallastError: The vault cannot be read or valued, or nothing can be quoted.
    """
    snapshot = await world.runs.chain.snapshot()
    try:
        scales = await world.portfolios.scales(tier, snapshot)
    except RebalanceRefusedError as refusal:
        return at_rest(snapshot, RunStatus.NOTHING_TO_DO, str(refusal))
    except NoWeightsError as error:
        return at_rest(snapshot, RunStatus.REFUSED, str(error))
    if not any(each.quantity for each in scales.constituents):
        return at_rest(snapshot, RunStatus.NOTHING_TO_DO, None)
    made = await draft(world, snapshot, scales)
    risk = await judge_weights(world, made)
    return Look(snapshot=snapshot, drafted=(made, risk), ending=risk.ending)


def at_rest(snapshot: VaultSnapshot, status: RunStatus, reason: str | None) -> Look:
    """Nothing is planned, for a reason."""
    return Look(snapshot=snapshot, drafted=None, ending=Ending(status, reason))
