"""Quotes of a plan's orders, each in the market that those before it leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.domain.order import Order, OrderKind
from keepers.domain.quote import Quote, QuoteRequest
from keepers.domain.vault import HoldingKind, VaultPosition
from keepers.engine.rebalance.world import World

NOTHING = Quote(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Indexed:
    """An order, its place in the plan, and the position that it trades."""

    index: int
    order: Order
    position: VaultPosition


async def quoted(
    world: World, listed: Sequence[Indexed], amounts: Sequence[int], block: int
) -> dict[int, Quote]:
    """Quote orders, by index.

    A pool pays less for the second trade of an asset than for the first. So what is asked for is
    the sum of an asset's trades so far, and the difference is what this one brings. A fund has one
    rate for all.
    """
    trades = sorted(zip(listed, amounts, strict=True), key=_turn)
    sums: dict[tuple[OrderKind, str], int] = {}
    requests: list[QuoteRequest] = []
    for each, amount in trades:
        before = sums.get(_trade(each), 0) if _has_impact(each) else 0
        sums[_trade(each)] = before + amount
        requests.append(QuoteRequest(each.order.kind, each.position, before + amount))
    quotes = await world.market.quotes(requests, block)
    so_far: dict[tuple[OrderKind, str], Quote] = {}
    found: dict[int, Quote] = {}
    for (each, _), whole in zip(trades, quotes, strict=True):
        before = so_far.get(_trade(each), NOTHING) if _has_impact(each) else NOTHING
        found[each.index] = _difference(whole, before)
        so_far[_trade(each)] = whole
    return found


def _turn(trade: tuple[Indexed, int]) -> tuple[int, int]:
    """Orders run by priority, and within one as they are listed."""
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
    )
