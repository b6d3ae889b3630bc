"""Quotes of a plan's orders, each in the market that those before it leave behind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.order import Order, OrderKind
from keepers.model.quote import Quote, QuoteRequest
from keepers.model.vault import HoldingKind, VaultPosition
from keepers.runs.tiers.dependencies import World

NOTHING = Quote(0, 0, 0)
PROBE_PART = 1_000
"""A probe is this part of the trade, so small that it moves no price."""


@dataclass(frozen=True, slots=True)
class Indexed:
    """An order, its place in the plan, and the position that it trades."""

    index: int
    order: Order
    position: VaultPosition


@dataclass(frozen=True, slots=True)
class Quoted:
    """A quote, and how far the trade moves the price in its venue.

    `impact_bps` is None for a fund, which has one rate for all, and where a probe brings nothing.
    """

    quote: Quote
    impact_bps: Fraction | None


async def quoted(
    world: World, listed: Sequence[Indexed], amounts: Sequence[int], block: int
) -> dict[int, Quoted]:
    """Quote orders, by index.

    A pool pays less for the second trade of an asset than for the first. So what is asked for is
    the sum of an asset's trades so far, and the difference is what this one brings. A fund has one
    rate for all. Probes go along in the same request. What cannot be quoted says so in its quote.
    """
    trades = sorted(zip(listed, amounts, strict=True), key=_turn)
    sums: dict[tuple[OrderKind, str], int] = {}
    requests: list[QuoteRequest] = []
    for each, amount in trades:
        before = sums.get(_trade(each), 0) if _has_impact(each) else 0
        sums[_trade(each)] = before + amount
        requests.append(QuoteRequest(each.order.kind, each.position, before + amount))
    probes = [_probe(each, amount) for each, amount in trades if _has_impact(each)]
    quotes = await world.market.quotes([*requests, *probes], block)
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
    """What the trade gets less for a unit than the probe, in basis points."""
    if quote.amount_in == 0 or probe.out == 0 or quote.problem is not None:
        return None
    at_probe = Fraction(probe.out, probe.amount_in)
    return (1 - Fraction(quote.out, quote.amount_in) / at_probe) * WHOLE_BPS


def _probe(each: Indexed, amount: int) -> QuoteRequest:
    return QuoteRequest(each.order.kind, each.position, -(-amount // PROBE_PART))


def _trade_of(request: QuoteRequest) -> tuple[OrderKind, str]:
    return request.kind, request.position.asset


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
        whole.problem or before.problem,
    )
