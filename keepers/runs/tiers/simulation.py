"""Simulation of all calls in order on the node's latest state, without sending anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.order import OrderKind
from keepers.model.risk import FailedCall, Simulation
from keepers.model.run import Stage
from keepers.model.tier_config import TierValues
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import SimulationFailedError, TierRunDependencies
from keepers.runs.tiers.offers import REFUSED_BY_CHAIN
from keepers.runs.tiers.transactions import (
    Gas,
    approved_call,
    gas_bounds,
    trades_of,
    transactions_of,
)
from keepers.runs.tiers.volatility import Waiting, is_urgent, together, without_waiting

TOGETHER = "in one transaction with the others: "
NO_ERROR = "the controller skipped it without a reason"


@dataclass(frozen=True, slots=True)
class AdmittedPlan:
    """Part of a plan that the chain would execute.

    Attributes:
        planned: The plan without the actions that would fail.
        dropped: The failing actions with reasons, including actions that depend on them.
        simulation: The last simulation of the single actions; it fails only if none is left.
        title: The failing action.
        transactions: The simulated transactions.
    """

    planned: TierRunPlan
    dropped: tuple[Waiting, ...]
    simulation: Simulation
    title: str = ""
    transactions: SimulatedTransactions | None = None

    @property
    def problem(self) -> str | None:
        """Return why nothing would be executed; None if something would."""
        failed = self.simulation.failed
        if failed is None:
            return None
        return str(SimulationFailedError(failed.index, self.title, failed.error))


@dataclass(frozen=True, slots=True)
class SimulatedTransactions:
    """Transactions of a plan as they would be sent, and their simulation.

    Attributes:
        groups: Actions by transaction.
        gas: Most gas of each action.
        simulation: The simulation; one of the single actions if each has its own transaction.
        failed: The first action that fails only together with others, and its error.
    """

    groups: Sequence[Sequence[Action]]
    gas: Gas
    simulation: Simulation
    failed: tuple[Action, str] | None = None

    @property
    def detail(self) -> list[dict[str, Any]]:
        """Return the stored form: indices of the actions, and gas if it is known."""
        used = self.simulation.gas[-len(self.groups) :] or (None,) * len(self.groups)
        return [
            {"actions": [each.step.index for each in group], "gas": gas}
            for group, gas in zip(self.groups, used, strict=True)
        ]


async def admit_simulated(ports: TierRunDependencies, planned: TierRunPlan) -> AdmittedPlan:
    """Simulate a plan repeatedly without its failing actions until the rest passes.

    Each action is simulated by itself, then the transactions are. A sale that raises cash is kept
    if a purchase fails; a sale that only funds a purchase is dropped with it. There are at most as
    many passes as actions.

    Raises:
        UnsupportedNodeError: The node cannot simulate, so nothing may be sent.
    """
    left, dropped = planned, list[Waiting]()
    while True:
        simulation = await ports.simulator.simulate(
            ports.keeper, [action.call for action in left.actions]
        )
        if simulation.failed is None:
            sent = await _simulate_transactions(ports, left, simulation)
            if sent.failed is None:
                admitted = replace(left, gas=sent.gas)
                return AdmittedPlan(admitted, tuple(dropped), simulation, transactions=sent)
            failed, error = sent.failed
        else:
            failed, error = left.actions[simulation.failed.index], simulation.failed.error
        dropped += _dropped(left, failed, error)
        rest = without_waiting(left, dropped)
        if not rest.actions:
            lost = replace(simulation, failed=FailedCall(failed.step.index, error))
            return AdmittedPlan(left, tuple(dropped), lost, failed.title)
        left = rest


async def _simulate_transactions(
    ports: TierRunDependencies, planned: TierRunPlan, single: Simulation
) -> SimulatedTransactions:
    """Simulate the transactions of a plan whose actions pass by themselves."""
    gas = gas_bounds(planned.actions, single.gas, ports.policy)
    groups = transactions_of(planned.actions, gas, ports.policy)
    if all(len(group) == 1 for group in groups):
        return SimulatedTransactions(groups, gas, single)
    calls = [
        await ports.market.call_together(trades_of(group, gas)) if len(group) > 1 else group[0].call
        for group in groups
    ]
    simulation = await ports.simulator.simulate(ports.keeper, calls)
    failed = _failed_together([dict(enumerate(group)) for group in groups], simulation)
    return SimulatedTransactions(groups, gas, simulation, failed)


def _failed_together(
    groups: Sequence[Mapping[int, Action]], simulation: Simulation, before: int = 0
) -> tuple[Action, str] | None:
    """Return the first action that did not run in its transaction, and its error.

    Args:
        groups: Actions by transaction, by their index in the call.
        simulation: The simulation of the transactions.
        before: Number of simulated calls before these.
    """
    if simulation.failed is not None:
        group = groups[max(0, simulation.failed.index - before)]
        return group[max(group)], TOGETHER + simulation.failed.error
    for call, group in enumerate(groups, start=before):
        done = simulation.received[call]
        for place, action in group.items():
            if len(group) > 1 and not done >> place & 1:
                return action, TOGETHER + simulation.skipped.get((call, place), NO_ERROR)
    return None


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
    sent = admitted.transactions
    detail = _detail(admitted.simulation, sent)
    gone = [{"index": each.index, "reason": each.reason} for each in admitted.dropped]
    ports.record(run_id, Stage.SIMULATION, {**detail, "dropped": gone})
    steps = dict(zip((each.step.index for each in planned.actions), planned.step_ids, strict=True))
    for each in admitted.dropped:
        ports.store.skip_step(steps[each.index], each.reason)
        ports.progress(f"simulation: action {each.index + 1} is skipped: {each.reason}")
    failed = admitted.simulation.failed
    if failed is not None or sent is None:
        assert failed is not None  # noqa: S101 - otherwise the transactions were simulated
        raise SimulationFailedError(failed.index, admitted.title, failed.error)
    assert sent.simulation.tier_values is not None  # noqa: S101 - nothing failed
    return admitted.planned, sent.simulation.tier_values


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


async def simulate_approved(
    ports: TierRunDependencies,
    run_id: str,
    plan: ApprovablePlan,
    actions: Sequence[Action],
    opening: ContractCall,
) -> TierValues:
    """Simulate the opening of an approved plan with all its actions; raise as `simulate` does."""
    executing = [ports.plans.execute_call(plan, index) for index in range(len(actions))]
    single = await ports.simulator.simulate(ports.keeper, [opening, *executing])
    failed = single.failed
    if failed is not None:
        ports.record(run_id, Stage.SIMULATION, _detail(single))
        titles = ["the opening of the plan", *(each.title for each in actions)]
        raise SimulationFailedError(failed.index, titles[failed.index], failed.error)
    gas = gas_bounds(actions, single.gas[1:], ports.policy)
    groups = transactions_of(actions, gas, ports.policy)
    calls = [approved_call(ports, plan, actions, group, gas) for group in groups]
    simulation = await ports.simulator.simulate(ports.keeper, [opening, *calls])
    sent = SimulatedTransactions(groups, gas, simulation)
    ports.record(run_id, Stage.SIMULATION, _detail(single, sent))
    places = [{actions.index(each): each for each in group} for group in groups]
    refused = _failed_together(places, simulation, before=1)
    if refused is not None:
        raise SimulationFailedError(refused[0].step.index, refused[0].title, refused[1])
    assert simulation.tier_values is not None  # noqa: S101 - set if nothing failed
    return simulation.tier_values


def _detail(simulation: Simulation, sent: SimulatedTransactions | None = None) -> dict[str, Any]:
    failed = simulation.failed
    values = (simulation if sent is None else sent.simulation).tier_values
    return {
        "method": simulation.method,
        "gas": list(simulation.gas),
        "received": [str(each) for each in simulation.received],
        "post_tier_values": [str(each) for each in values or ()],
        "failed": None if failed is None else {"index": failed.index, "error": failed.error},
        "transactions": [] if sent is None else sent.detail,
    }
