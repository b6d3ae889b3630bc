"""From orders to contract calls: sales are quoted first, purchases spend what they bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from keepers.model.left_out import LeftOut
from keepers.model.order import OrderKind, OrderList
from keepers.model.step import TradeStep
from keepers.model.vault import VaultSnapshot
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.amounts import affordable, bps_text, minimum_output, units_to_sell
from keepers.runs.tiers.dependencies import World
from keepers.runs.tiers.quotes import Indexed, Quoted, quoted


@dataclass(frozen=True, slots=True)
class Priced:
    """Orders as actions, or the trades that cannot be quoted; then there are no actions."""

    actions: tuple[Action, ...]
    refused: tuple[LeftOut, ...]


async def actions_of(
    world: World, snapshot: VaultSnapshot, orders: OrderList, deadline: datetime
) -> Priced:
    """Quote every order and write its call.

    A purchase that depends on sales is planned to spend what these are quoted to bring. After the
    deadline nothing of it runs.
    """
    positions = {each.symbol: each for each in snapshot.positions}
    listed = [Indexed(i, each, positions[each.asset]) for i, each in enumerate(orders.orders)]
    block = snapshot.block_number
    sales = [each for each in listed if each.order.kind is OrderKind.SALE]
    quotes = await quoted(world, sales, _units_of(sales), block)
    proceeds = {index: each.quote.out for index, each in quotes.items()}
    by_index = {each.index: each.order for each in listed}
    purchases = [each for each in listed if each.order.kind is OrderKind.PURCHASE]
    spent = [affordable(each.order, proceeds, by_index) for each in purchases]
    if not any(each.quote.problem for each in quotes.values()):
        quotes |= await quoted(world, purchases, spent, block)
    refused = tuple(_refused(each, quotes) for each in listed if _problem(each, quotes))
    if refused:
        return Priced((), refused)
    actions = [await _action(world, each, quotes[each.index], deadline) for each in listed]
    return Priced(tuple(actions), ())


def _problem(each: Indexed, quotes: Mapping[int, Quoted]) -> str | None:
    found = quotes.get(each.index)
    return None if found is None else found.quote.problem


def _refused(each: Indexed, quotes: Mapping[int, Quoted]) -> LeftOut:
    return LeftOut(each.order.asset, str(_problem(each, quotes)), each.order.kind)


def _units_of(sales: Sequence[Indexed]) -> list[int]:
    left = {each.position.asset: each.position.balance for each in sales}
    units: list[int] = []
    for sale in sales:
        order, position = sale.order, sale.position
        rest = left[position.asset]
        sold = units_to_sell(position.balance, position.value, order.amount, rest)
        left[position.asset] = rest - sold
        units.append(sold)
    return units


async def _action(world: World, indexed: Indexed, found: Quoted, deadline: datetime) -> Action:
    index, order, position, quote = indexed.index, indexed.order, indexed.position, found.quote
    minimum = minimum_output(quote.out, world.policy.minimum_output_tolerance_bps)
    call = await world.market.call(
        order.kind,
        position,
        amount_in=quote.amount_in,
        minimum_out=minimum,
        deadline=deadline,
    )
    step = TradeStep(
        index=index,
        kind=str(order.kind),
        tier=int(order.tier),
        asset=position.asset,
        symbol=position.symbol,
        amount=order.amount,
        amount_in=quote.amount_in,
        quoted_out=quote.out,
        minimum_out=minimum,
        priority=order.priority,
        depends_on=order.depends_on,
        reason=order.reason,
        target=call.target,
        calldata=call.calldata,
        estimated_slippage_bps=bps_text(quote.slippage_bps),
    )
    return Action(step, order, position, deadline, found.impact_bps)
