"""Check of the keeper's permission, limits and gas."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from keepers.model.chain import Fees
from keepers.model.errors.chain import ControllerPausedError, FeeAboveCapError, NotKeeperError
from keepers.model.limits import KeeperLimits, Limit
from keepers.model.money import WHOLE_BPS, format_units
from keepers.model.order import OrderKind
from keepers.model.vault import VaultSnapshot
from keepers.runs.amounts import money_of
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan
from keepers.runs.tiers.dependencies import TierRunDependencies

RAISE = "wait, plan a smaller amount, or have a configurator raise the limit"


def exceeded_limit(planned: TierRunPlan, limits: KeeperLimits) -> str | None:
    """Return why a limit does not allow a plan now; None if all allow it.

    Sales count with their planned proceeds at the holding's value, losses with their estimates; the
    chain measures the actual amounts.
    """
    purchases = [each for each in planned.actions if each.order.kind is OrderKind.PURCHASE]
    sales = [each for each in planned.actions if each.order.kind is OrderKind.SALE]
    budgets = planned.snapshot.loss_budgets
    keeper, reducing = f"of keeper {limits.keeper}", budgets.reducing
    exits = sales
    if planned.plan.approval.required:
        purchases = []  # asset limits apply instead, checked before the approval request
        exits = []  # the keeper limit covers only sales outside approved plans
        reducing = budgets.approved or reducing
    checks = (
        ("buys", f"automatic limit {keeper}", limits.automatic, _spent(purchases)),
        ("sells", f"risk-reducing limit {keeper}", limits.reducing, _moved(exits)),
        ("loses about", "loss budget of actions that add risk", budgets.adding, _lost(purchases)),
        ("loses about", "loss budget of actions that reduce risk", reducing, _lost(sales)),
    )
    for verb, name, limit, amount in checks:
        if amount > limit.available:
            return _reason(planned.snapshot, verb, name, limit, amount)
    return None


def _spent(purchases: Iterable[Action]) -> int:
    return sum(action.step.amount_in for action in purchases)


def _moved(sales: Iterable[Action]) -> int:
    return sum(action.step.amount for action in sales)


def _lost(actions: Iterable[Action]) -> int:
    """Return the sum of estimated losses, rounded down; gains do not offset losses."""
    return int(
        sum(
            max(Fraction(0), Fraction(action.step.estimated_slippage_bps))
            * action.step.amount
            / WHOLE_BPS
            for action in actions
        )
    )


def _reason(snapshot: VaultSnapshot, verb: str, name: str, limit: Limit, amount: int) -> str:
    def money(units: int) -> str:
        return money_of(snapshot, units)

    wait = limit.wait_for(amount)
    when = "never this amount at once" if wait is None else f"this amount at {snapshot.at + wait}"
    return (
        f"the plan {verb} {money(amount)}, but the {name} allows {money(limit.available)} "
        f"now ({money(limit.cap)} when full; {when}); {RAISE}"
    )


COIN_DECIMALS = 18


def forbidden(ports: TierRunDependencies, planned: TierRunPlan) -> str | None:
    """Return why the chain would reject the plan; None if no reason is known."""
    limits = planned.snapshot.keeper_limits
    buys = any(action.order.kind is OrderKind.PURCHASE for action in planned.actions)
    if planned.snapshot.paused and buys:
        return str(ControllerPausedError())
    if limits is None or not limits.allowed:
        return str(NotKeeperError(ports.keeper))
    return exceeded_limit(planned, limits)


async def fees_now(
    ports: TierRunDependencies, planned: TierRunPlan
) -> Fees | FeeAboveCapError | None:
    """Return the current gas fees; None for a plan without actions."""
    if not planned.actions:
        return None
    try:
        return await ports.transactions.fees()
    except FeeAboveCapError as error:
        return error


def short_of_gas(
    ports: TierRunDependencies, planned: TierRunPlan, fees: Fees | FeeAboveCapError | None
) -> str | None:
    """Return why the keeper's key cannot pay for all actions; None if it can."""
    if isinstance(fees, FeeAboveCapError):
        return str(fees)
    gas = sum(ports.policy.gas_limit_of(action.position.kind) for action in planned.actions)
    return gas_problem(ports, planned.snapshot, 0 if fees is None else gas * fees.maximum)


def gas_problem(ports: TierRunDependencies, snapshot: VaultSnapshot, cost: int) -> str | None:
    """Return why the keeper's key cannot pay a gas cost in wei; None if it can."""
    balance, needed = snapshot.keeper_balance_wei, ports.policy.minimum_gas_balance + cost
    if balance >= needed:
        return None
    return (
        f"key {ports.keeper} has {format_units(balance, COIN_DECIMALS)} native tokens, but "
        f"needs {format_units(needed, COIN_DECIMALS)} for gas; fund the key"
    )
