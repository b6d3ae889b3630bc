"""Lanes of omnichain fungible tokens, and their quotes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.lane import Lane, RouteQuote, quote_route
from keepers.model.bridge import BridgeQuote, CrossingRequest, Tariff
from keepers.model.money import WHOLE_BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class OftLane(Lane):
    """Lane of an omnichain fungible token.

    Attributes:
        source_oft: The token's LayerZero contract on the source.
        destination_oft: The token's LayerZero contract on the destination.
        tolerance_bps: Tolerated loss beyond the quoted fee; 0 except for pools.
        max_fee_bps: A larger fee makes the lane unavailable.
        least_share: A capacity below this fraction of the requested amount makes it unavailable.
        seconds: Usual duration.
    """

    source_oft: str
    destination_oft: str
    tolerance_bps: Fraction = Fraction(0)
    max_fee_bps: Fraction = Fraction(50)
    least_share: Fraction = Fraction(1, 5)
    shared_decimals: int = 6
    seconds: Fraction = Fraction(180)


MOST_ROUNDS = 8


async def quote_oft(reader: ChainReader, lane: OftLane, request: CrossingRequest) -> BridgeQuote:
    """Raise the amount until enough arrives, then compare it with limits and fee."""
    step = 10 ** max(0, lane.source_decimals - lane.shared_decimals)
    wanted = lane.at_source(request.receive)
    rounding = Tariff(step=step)
    send = rounding.least_for(wanted)
    offer = await quote_route(reader, lane, send, b"")
    for _ in range(MOST_ROUNDS):
        missing = wanted - (send - offer.token_fee)
        if missing <= 0:
            break
        send = rounding.least_for(send + missing)
        offer = await quote_route(reader, lane, send, b"")
    most = offer.most // step * step
    if most <= 0 or send <= most:
        return _quote(lane, send, offer, wanted=wanted, whole=send <= most)
    clipped = await quote_route(reader, lane, most, b"")
    return _quote(lane, most, replace(clipped, most=most), wanted=wanted, whole=False)


def _quote(lane: OftLane, send: int, offer: RouteQuote, *, wanted: int, whole: bool) -> BridgeQuote:
    left = max(0, send - offer.token_fee)
    sure = int(left * (WHOLE_BPS - lane.tolerance_bps) // WHOLE_BPS)
    return BridgeQuote(
        send=send,
        receive=lane.at_destination(sure),
        fee=send - sure,
        minimum=offer.least,
        maximum=offer.most,
        seconds=lane.seconds,
        whole=whole and left >= wanted,
        unavailable=_objection(lane, send, offer, wanted),
        native_fee=offer.native_fee,
    )


def _objection(lane: OftLane, send: int, offer: RouteQuote, wanted: int) -> str:
    if offer.most <= 0:
        return "no amount can be transferred"
    if offer.most < wanted * lane.least_share:
        share = f"{lane.least_share.numerator}/{lane.least_share.denominator}"
        return f"only {offer.most} of {wanted} units can be sent at once, less than {share} of them"
    if offer.token_fee * WHOLE_BPS > send * lane.max_fee_bps:
        return f"the fee of {offer.token_fee} units on {send} is above the limit"
    return ""
