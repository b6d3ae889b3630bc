"""Transactions of a plan: which actions share one, and how much gas each may use.

All actions of a plan share one transaction where its gas suffices. Actions that raise cash come
first, in a transaction of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from keepers.model.approval import ApprovablePlan
from keepers.model.chain import ContractCall
from keepers.model.order import Trade
from keepers.model.run import RunRecord, Stage
from keepers.runs.amounts import ceil_share
from keepers.runs.policy import RunPolicy
from keepers.runs.results import detail_of
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.volatility import is_urgent

HEADROOM = Fraction(3, 2)
"""Most gas of an action as a multiple of its simulated gas."""

FIXED_GAS = 100_000
"""Gas of a transaction beside its actions, rounded up: 21,000, its start and its end."""

GAS_PER_ACTION = 40_000
"""Gas of an action outside its own call, rounded up: its data, and its entry in the ledger."""

MAX_ACTIONS = 64
"""Most actions of one transaction; their results are the bits of a word."""

Gas = Mapping[int, int]
"""Most gas of each action, by its index."""


def gas_bounds(actions: Sequence[Action], used: Sequence[int], policy: RunPolicy) -> Gas:
    """Return the most gas that each action may use inside a transaction.

    An action by itself uses at least as much as inside a transaction with others, since it enters
    the contracts anew.

    Args:
        actions: The actions.
        used: Simulated gas of each action by itself; empty if the node does not report it.
        policy: The limits, which bound an action in every case.
    """
    limits = [policy.gas_limit_of(each.position.kind) for each in actions]
    bounds = [
        min(limit, int(gas * HEADROOM)) for limit, gas in zip(limits, used or limits, strict=True)
    ]
    return {each.step.index: bound for each, bound in zip(actions, bounds, strict=True)}


def simulated_gas(record: RunRecord, actions: Sequence[Action], policy: RunPolicy) -> Gas:
    """Return the most gas of each action of an approved plan from its stored simulation."""
    detail = detail_of(record, Stage.SIMULATION) or {}
    used: Sequence[int] = detail.get("gas") or ()
    return gas_bounds(actions, used[1:], policy)


def transactions_of(actions: Sequence[Action], gas: Gas, policy: RunPolicy) -> list[list[Action]]:
    """Return the actions by transaction, by priority.

    A new transaction begins after the urgent actions, where the gas of one does not suffice, where
    the order of indices would be broken, and for a purchase that only partly depends on sales of
    the transaction: the controller bounds it by these sales alone.
    """
    found: list[list[Action]] = []
    for action in sorted(actions, key=lambda each: (each.step.priority, each.step.index)):
        if found and _fits(found[-1], action, gas, policy):
            found[-1].append(action)
        else:
            found.append([action])
    return found


def trades_of(
    actions: Sequence[Action], gas: Gas, amounts: Mapping[int, int] = MappingProxyType({})
) -> list[Trade]:
    """Return the actions of one transaction as trades.

    Args:
        actions: The actions.
        gas: Most gas of each action.
        amounts: Amounts to spend or sell, by index; as planned by default.
    """
    places = {each.step.index: place for place, each in enumerate(actions)}
    return [_trade(each, gas, places, amounts.get(each.step.index)) for each in actions]


def approved_call(
    ports: TierRunDependencies,
    plan: ApprovablePlan,
    actions: Sequence[Action],
    group: Sequence[Action],
    gas: Gas,
) -> ContractCall:
    """Return the call of one transaction of an approved plan."""
    places = [actions.index(each) for each in group]
    if len(places) == 1:
        return ports.plans.execute_call(plan, places[0])
    bounds = {at: gas[actions[at].step.index] for at in places}
    return ports.plans.execute_together(plan, bounds)


def minimum_of(action: Action, amount: int) -> int:
    """Return the smallest output of an action for an amount, in proportion, rounded up."""
    return ceil_share(action.step.minimum_out, amount, action.step.amount_in)


def _trade(action: Action, gas: Gas, places: Mapping[int, int], amount: int | None) -> Trade:
    amount_in = action.step.amount_in if amount is None else amount
    return Trade(
        kind=action.order.kind,
        position=action.position,
        amount_in=amount_in,
        minimum_out=minimum_of(action, amount_in),
        deadline=action.deadline,
        gas=gas[action.step.index],
        depends_on=tuple(places[each] for each in action.step.depends_on if each in places),
    )


def _fits(group: Sequence[Action], action: Action, gas: Gas, policy: RunPolicy) -> bool:
    joined = [*group, action]
    needed = FIXED_GAS + sum(gas[each.step.index] + GAS_PER_ACTION for each in joined)
    inside = {each.step.index for each in group} & set(action.step.depends_on)
    return (
        needed <= policy.plan_gas_limit
        and len(joined) <= MAX_ACTIONS
        and is_urgent(action) == is_urgent(group[-1])
        and action.step.index > group[-1].step.index
        and len(inside) in {0, len(action.step.depends_on)}
    )
