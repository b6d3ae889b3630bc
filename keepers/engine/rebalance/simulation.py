"""Stage 4: all calls in order on the node's state of this moment, without sending them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from keepers.domain.chain import ContractCall
from keepers.domain.run import Stage
from keepers.domain.simulation import Simulation
from keepers.domain.tier import TierValues
from keepers.engine.rebalance.plan import Planned
from keepers.engine.rebalance.world import SimulationFailedError, World


async def simulate(world: World, run_id: str, planned: Planned) -> TierValues:
    """Run the plan dry.

    Returns:
        What the tiers are worth afterwards.

    Raises:
        SimulationFailedError: An action would revert.
        UnsupportedNodeError: The node cannot simulate, so nothing may be sent.
    """
    calls = [action.call for action in planned.actions]
    titles = [action.title for action in planned.actions]
    return await simulate_calls(world, run_id, calls, titles)


async def simulate_calls(
    world: World, run_id: str, calls: Sequence[ContractCall], titles: Sequence[str]
) -> TierValues:
    """Run calls dry, in order; raises and answers as `simulate` does."""
    simulation = await world.simulator.simulate(world.keeper, calls)
    world.record(run_id, Stage.SIMULATION, _detail(simulation))
    failed = simulation.failed
    if failed is not None:
        raise SimulationFailedError(failed.index, titles[failed.index], failed.error)
    assert simulation.tier_values is not None  # noqa: S101 - it is there when nothing failed
    return simulation.tier_values


def _detail(simulation: Simulation) -> dict[str, Any]:
    failed = simulation.failed
    return {
        "method": simulation.method,
        "gas": list(simulation.gas),
        "received": [str(each) for each in simulation.received],
        "post_tier_values": [str(each) for each in simulation.tier_values or ()],
        "failed": None if failed is None else {"index": failed.index, "error": failed.error},
    }
