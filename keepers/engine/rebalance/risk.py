"""Stage 2: may this plan run at all? What is refused here was never sent."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from keepers.domain.errors_chain import ControllerPausedError, FeeAboveCapError, NotKeeperError
from keepers.domain.numerals import format_rounded, format_units
from keepers.domain.order import OrderKind
from keepers.domain.run import Stage
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.action import Action
from keepers.engine.rebalance.gas import gas_limit_of
from keepers.engine.rebalance.limits import exceeded_limit
from keepers.engine.rebalance.plan import Planned
from keepers.engine.rebalance.world import RunRefusedError, World

COIN_DECIMALS = 18


async def check_risk(world: World, run_id: str, planned: Planned) -> tuple[str, ...]:
    """Judge a plan.

    Returns:
        Warnings, which do not stop it.

    Raises:
        RunRefusedError: Something does.
    """
    warnings = tuple(_warnings(world, planned))
    blocked = _blocked(world, planned) or await _short_of_gas(world, planned)
    detail = {
        "warnings": list(warnings),
        "blocked": blocked,
        "estimated_slippage_bps": format_rounded(_total_slippage(planned.actions), 4),
    }
    world.record(run_id, Stage.RISK, detail)
    if blocked is not None:
        raise RunRefusedError(Stage.RISK, blocked)
    return warnings


def _blocked(world: World, planned: Planned) -> str | None:
    limits = planned.snapshot.keeper_limits
    buys = any(action.order.kind is OrderKind.PURCHASE for action in planned.actions)
    if planned.snapshot.paused and buys:
        return str(ControllerPausedError())
    if limits is None or not limits.allowed:
        return str(NotKeeperError(world.keeper))
    if exceeded := exceeded_limit(planned, limits):
        return exceeded
    limit = world.policy.block_slippage_bps
    for what, slippage in _slippages(planned.actions):
        if slippage > limit:
            return (
                f"{what} would lose {_bps(slippage)} bps against the oracle, above the limit of "
                f"{limit}; wait for a better market, or trade less"
            )
    return None


def _warnings(world: World, planned: Planned) -> Iterator[str]:
    limit = world.policy.warn_slippage_bps
    for what, slippage in _slippages(planned.actions):
        if slippage > limit:
            yield f"{what} is estimated to lose {_bps(slippage)} bps against the oracle"
    yield from shortfalls_of(planned)
    for unmet in planned.plan.unmet:
        yield f"{unmet.need} of {_money(planned.snapshot, unmet.amount)} cannot be covered"


def shortfalls_of(planned: Planned) -> Iterator[str]:
    """What no order serves of the plan, for people."""
    for short in planned.orders.shortfalls:
        yield f"{_money(planned.snapshot, short.amount)} find no {short.kind.lower()} now"


async def _short_of_gas(world: World, planned: Planned) -> str | None:
    balance, least = planned.snapshot.keeper_balance_wei, world.policy.minimum_gas_balance
    needed = least
    if planned.actions:
        try:
            fees = await world.transactions.fees()
        except FeeAboveCapError as error:
            return str(error)
        gas = sum(gas_limit_of(world.policy, action.position.kind) for action in planned.actions)
        needed += gas * fees.maximum
    if balance >= needed:
        return None
    return (
        f"key {world.keeper} has {format_units(balance, COIN_DECIMALS)} of the chain's "
        f"coin, and needs {format_units(needed, COIN_DECIMALS)} for gas; send it some"
    )


def _slippages(actions: tuple[Action, ...]) -> Iterator[tuple[str, Fraction]]:
    for action in actions:
        yield action.title, Fraction(action.step.estimated_slippage_bps)
    yield "the plan as a whole", _total_slippage(actions)


def _total_slippage(actions: tuple[Action, ...]) -> Fraction:
    """Weighted by value: what is bought with the proceeds of a sale loses twice."""
    lost = sum(
        Fraction(action.step.estimated_slippage_bps) * action.step.amount for action in actions
    )
    moved = sum(
        action.step.amount
        for action in actions
        if action.order.kind is OrderKind.SALE or not action.order.depends_on
    )
    return Fraction(lost) / moved if moved else Fraction(0)


def _bps(slippage: Fraction) -> str:
    return format_rounded(slippage, 1)


def _money(snapshot: VaultSnapshot, amount: int) -> str:
    return f"{format_units(amount, snapshot.settlement_decimals)} {snapshot.settlement_symbol}"
