"""May the keeper do this at all, and has it the gas?"""

from __future__ import annotations

from keepers.model.chain import Fees
from keepers.model.errors.chain import ControllerPausedError, FeeAboveCapError, NotKeeperError
from keepers.model.numerals import format_units
from keepers.model.order import OrderKind
from keepers.runs.tiers.build_actions import Planned
from keepers.runs.tiers.dependencies import World
from keepers.runs.tiers.limits import exceeded_limit

COIN_DECIMALS = 18


def forbidden(world: World, planned: Planned) -> str | None:
    """Why the chain would refuse the plan; None if nothing says so."""
    limits = planned.snapshot.keeper_limits
    buys = any(action.order.kind is OrderKind.PURCHASE for action in planned.actions)
    if planned.snapshot.paused and buys:
        return str(ControllerPausedError())
    if limits is None or not limits.allowed:
        return str(NotKeeperError(world.keeper))
    return exceeded_limit(planned, limits)


async def fees_now(world: World, planned: Planned) -> Fees | FeeAboveCapError | None:
    """What gas costs; None for a plan without actions."""
    if not planned.actions:
        return None
    try:
        return await world.transactions.fees()
    except FeeAboveCapError as error:
        return error


def short_of_gas(
    world: World, planned: Planned, fees: Fees | FeeAboveCapError | None
) -> str | None:
    """Why the key cannot pay for all actions; None if it can."""
    if isinstance(fees, FeeAboveCapError):
        return str(fees)
    balance, needed = planned.snapshot.keeper_balance_wei, world.policy.minimum_gas_balance
    if fees is not None:
        gas = sum(world.policy.gas_limit_of(action.position.kind) for action in planned.actions)
        needed += gas * fees.maximum
    if balance >= needed:
        return None
    return (
        f"key {world.keeper} has {format_units(balance, COIN_DECIMALS)} of the chain's "
        f"coin, and needs {format_units(needed, COIN_DECIMALS)} for gas; send it some"
    )
