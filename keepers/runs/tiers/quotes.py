"""Quotes of a plan's orders, each after the price impact of the orders before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from keepers.model.left_out import LeftOut
from keepers.model.money import WHOLE_BPS
from keepers.model.order import Order, OrderKind, OrderList, Quote, QuoteRequest
from keepers.model.step import TradeStep
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot
from keepers.runs.amounts import affordable, bps_text, minimum_output, units_to_sell
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.dependencies import TierRunDependencies

NOTHING = Quote(0, 0, 0)
PROBE_PART = 1_000
"""A probe trade is this fraction of the trade, small enough not to move the price."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An order with its index in the plan and the position it trades."""

    index: int
    order: Order
    position: VaultPosition


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote and the trade's price impact on its venue.

    `impact_bps` is None for a fund, which has a fixed rate, and if a probe returns nothing.
    """

    quote: Quote
    impact_bps: Fraction | None


async def quoted(
    ports: TierRunDependencies, listed: Sequence[Indexed], amounts: Sequence[int], block: int
) -> dict[int, Quoted]:
    """Quote orders, by index.

    A pool pays less for the second trade of an asset than for the first, so the cumulative amount
    of an asset's trades is quoted and the increase is attributed to each trade. A fund has a fixed
    rate. Probes are part of the same request. A failed quote carries its problem.
    """
    trades = sorted(zip(listed, amounts, strict=True), key=_turn)
    sums: dict[tuple[OrderKind, str], int] = {}
    requests: list[QuoteRequest] = []
    for each, amount in trades:
        before = sums.get(_trade(each), 0) if _has_impact(each) else 0
        sums[_trade(each)] = before + amount
        requests.append(QuoteRequest(each.order.kind, each.position, before + amount))
    probes = [_probe(each, amount) for each, amount in trades if _has_impact(each)]
    quotes = await ports.market.quotes([*requests, *probes], block)
    small = {
        _trade_of(probe): quote for probe, quote in zip(probes, quotes[len(trades) :], strict=True)
    }
    so_far: dict[tuple[OrderKind, str], Quote] = {}
    found: dict[int, Quoted] = {}
    for (each, _), whole in zip(trades, quotes[: len(trades)], strict=True):
        before = so_far.get(_trade(each), NOTHING) if _has_impact(each) else NOTHING
        quote = _difference(whole, before)
        found[each.index] = Quoted(quote, _impact_bps(quote, small.get(_trade(each), NOTHING)))
        so_far[_trade(each)] = whole
    return found


def _impact_bps(quote: Quote, probe: Quote) -> Fraction | None:
    """Return the trade's shortfall per unit against the probe, in basis points."""
    if quote.amount_in == 0 or probe.out == 0 or quote.problem is not None:
        return None
    at_probe = Fraction(probe.out, probe.amount_in)
    return (1 - Fraction(quote.out, quote.amount_in) / at_probe) * WHOLE_BPS


def _probe(each: Indexed, amount: int) -> QuoteRequest:
    return QuoteRequest(each.order.kind, each.position, -(-amount // PROBE_PART))


def _trade_of(request: QuoteRequest) -> tuple[OrderKind, str]:
    return request.kind, request.position.asset


def _turn(trade: tuple[Indexed, int]) -> tuple[int, int]:
    """Return the sort key: priority, then list position."""
    each, _ = trade
    return each.order.priority, each.index


def _trade(each: Indexed) -> tuple[OrderKind, str]:
    return each.order.kind, each.position.asset


def _has_impact(each: Indexed) -> bool:
    return each.position.kind is HoldingKind.VENUE


def _difference(whole: Quote, before: Quote) -> Quote:
    return Quote(
        whole.amount_in - before.amount_in,
        max(0, whole.out - before.out),
        max(0, whole.expected - before.expected),
        whole.problem or before.problem,
    )


@dataclass(frozen=True, slots=True)
class Priced:
    """Orders as actions, or the trades that cannot be quoted; then there are no actions."""

    actions: tuple[Action, ...]
    refused: tuple[LeftOut, ...]


async def actions_of(
    ports: TierRunDependencies, snapshot: VaultSnapshot, orders: OrderList, deadline: datetime
) -> Priced:
    """Quote every order and build its call.

    A purchase that depends on sales spends their quoted proceeds. No action runs after the
    deadline.
    """
    positions = {each.symbol: each for each in snapshot.positions}
    listed = [Indexed(i, each, positions[each.asset]) for i, each in enumerate(orders.orders)]
    block = snapshot.block_number
    sales = [each for each in listed if each.order.kind is OrderKind.SALE]
    quotes = await quoted(ports, sales, _units_of(sales), block)
    proceeds = {index: each.quote.out for index, each in quotes.items()}
    by_index = {each.index: each.order for each in listed}
    purchases = [each for each in listed if each.order.kind is OrderKind.PURCHASE]
    spent = [affordable(each.order, proceeds, by_index) for each in purchases]
    if not any(each.quote.problem for each in quotes.values()):
        quotes |= await quoted(ports, purchases, spent, block)
    refused = tuple(_refused(each, quotes) for each in listed if _problem(each, quotes))
    if refused:
        return Priced((), refused)
    actions = [await _action(ports, each, quotes[each.index], deadline) for each in listed]
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


async def _action(
    ports: TierRunDependencies, indexed: Indexed, found: Quoted, deadline: datetime
) -> Action:
    index, order, position, quote = indexed.index, indexed.order, indexed.position, found.quote
    minimum = minimum_output(quote.out, ports.policy.minimum_output_tolerance_bps)
    call = await ports.market.call(
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
