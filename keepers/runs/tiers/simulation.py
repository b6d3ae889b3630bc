"""Simulation of all calls in order on the node's latest state, without sending anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keepers.model.chain import ContractCall
from keepers.model.order import OrderKind
from keepers.model.risk import Simulation
from keepers.model.run import Stage
from keepers.model.tier_config import TierValues
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import SimulationFailedError, TierRunDependencies
from keepers.runs.tiers.offers import REFUSED_BY_CHAIN
from keepers.runs.tiers.volatility import Waiting, is_urgent, together, without_waiting


@dataclass(frozen=True, slots=True)
class AdmittedPlan:
    """Part of a plan that the chain would execute.

    Attributes:
        planned: The plan without the actions that would fail.
        dropped: The failing actions with reasons, including actions that depend on them.
        simulation: The last simulation; it fails only if no action is left.
        title: The failing action.
    """

    planned: TierRunPlan
    dropped: tuple[Waiting, ...]
    simulation: Simulation
    title: str = ""

    @property
    def problem(self) -> str | None:
        """Return why nothing would be executed; None if something would."""
        failed = self.simulation.failed
        if failed is None:
            return None
        return str(SimulationFailedError(failed.index, self.title, failed.error))


async def admit_simulated(ports: TierRunDependencies, planned: TierRunPlan) -> AdmittedPlan:
    """Simulate a plan repeatedly without its failing actions until the rest passes.

    A sale that raises cash is kept if a purchase fails; a sale that only funds a purchase is
    dropped with it. There are at most as many passes as actions.

    Raises:
        UnsupportedNodeError: The node cannot simulate, so nothing may be sent.
    """
    left, dropped = planned, list[Waiting]()
    while True:
        calls = [action.call for action in left.actions]
        simulation = await ports.simulator.simulate(ports.keeper, calls)
        if simulation.failed is None:
            return AdmittedPlan(left, tuple(dropped), simulation)
        failed = left.actions[simulation.failed.index]
        dropped += _dropped(left, failed, simulation.failed.error)
        rest = without_waiting(left, dropped)
        if not rest.actions:
            return AdmittedPlan(left, tuple(dropped), simulation, failed.title)
        left = rest


async def simulate(
    ports: TierRunDependencies, run_id: str, planned: TierRunPlan
) -> tuple[TierRunPlan, TierValues]:
    """Simulate the plan and record the result; steps that would fail are skipped.

    Returns:
        The passing part of the plan, and the tier values afterwards.

    Raises:
        SimulationFailedError: Every action would revert.
        UnsupportedNodeError: The node cannot simulate, so nothing may be sent.
    """
    admitted = await admit_simulated(ports, planned)
    detail = _detail(admitted.simulation)
    gone = [{"index": each.index, "reason": each.reason} for each in admitted.dropped]
    ports.record(run_id, Stage.SIMULATION, {**detail, "dropped": gone})
    steps = dict(zip((each.step.index for each in planned.actions), planned.step_ids, strict=True))
    for each in admitted.dropped:
        ports.store.skip_step(steps[each.index], each.reason)
        ports.progress(f"simulation: action {each.index + 1} is skipped: {each.reason}")
    failed = admitted.simulation.failed
    if failed is not None:
        raise SimulationFailedError(failed.index, admitted.title, failed.error)
    assert admitted.simulation.tier_values is not None  # noqa: S101 - nothing failed
    return admitted.planned, admitted.simulation.tier_values


def _dropped(planned: TierRunPlan, failed: Action, error: str) -> list[Waiting]:
    """Return the failing action and the actions tied to it."""
    reason = f"{REFUSED_BY_CHAIN}{failed.title} fails: {error}"
    joined = together(planned.actions, failed.step.index)
    kept = {
        each.step.index
        for each in planned.actions
        if each.order.kind is OrderKind.SALE and is_urgent(each) and each is not failed
    }
    return [Waiting(index, reason) for index in sorted(joined - kept)]


async def simulate_calls(
    ports: TierRunDependencies, run_id: str, calls: Sequence[ContractCall], titles: Sequence[str]
) -> TierValues:
    """Simulate calls in order and return the tier values; raise as `simulate` does."""
    simulation = await ports.simulator.simulate(ports.keeper, calls)
    ports.record(run_id, Stage.SIMULATION, _detail(simulation))
    failed = simulation.failed
    if failed is not None:
        raise SimulationFailedError(failed.index, titles[failed.index], failed.error)
    assert simulation.tier_values is not None  # noqa: S101 - set if nothing failed
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
