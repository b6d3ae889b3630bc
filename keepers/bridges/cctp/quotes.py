"""Quotes of CCTP: the service's fees, the chain's least fee, and the fast allowance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from eth_abi.abi import encode

from keepers.bridges.cctp.iris import Iris
from keepers.bridges.cctp.lane import BURN_LIMIT, CctpLane, lane_condition, service_conditions
from keepers.bridges.cctp.message import FAST, STANDARD
from keepers.bridges.lane import Chains, problems_of, quote_route
from keepers.model.bridges.gross_up import Tariff, to_units, to_units_down
from keepers.model.bridges.values import BridgeQuote, CrossingRequest

MOST_ROUNDS = 8
"""The chain's least fee is a share of the amount, so adding it once or twice is enough."""


@dataclass(frozen=True, slots=True)
class Speed:
    """The fast or the standard way."""

    threshold: int
    bps: Fraction
    seconds: Fraction


async def quote_cctp(
    iris: Iris, chains: Chains, lane: CctpLane, request: CrossingRequest
) -> BridgeQuote:
    """Quote the burn that mints at least the wanted amount at any fee within the offer."""
    wanted = to_units(request.receive, lane.destination_decimals, lane.source_decimals)
    domains = (lane.source_domain, lane.destination_domain)
    fees, conditions = await service_conditions(iris, *domains)
    problem = problems_of((await lane_condition(chains, lane), *conditions))
    speed = await _speed(iris, lane, wanted, fees)
    reader = chains[lane.source]
    limits = await quote_route(reader, lane, wanted, _options(speed, 0))
    most = min(limits.most, BURN_LIMIT)
    tariff = Tariff(bps=speed.bps, minimum=max(limits.least, 1), maximum=most)
    send = tariff.least_for(wanted)
    fee = tariff.fee(send)
    for _ in range(MOST_ROUNDS):
        least_fee = (await quote_route(reader, lane, send, _options(speed, fee))).token_fee
        if least_fee <= fee:
            break
        fee, send = least_fee, wanted + least_fee
    whole = send <= most
    if not whole:
        send = most
    left = max(0, send - fee)
    return BridgeQuote(
        send=send,
        receive=to_units_down(left, lane.source_decimals, lane.destination_decimals),
        fee=fee,
        minimum=tariff.minimum,
        maximum=most,
        seconds=speed.seconds,
        whole=whole,
        options=_options(speed, fee),
        native_fee=limits.native_fee,
        unavailable=problem or _objection(lane, send, fee),
    )


async def _speed(iris: Iris, lane: CctpLane, wanted: int, fees: Mapping[int, Fraction]) -> Speed:
    standard = Speed(STANDARD, _offer(lane, fees.get(STANDARD)), lane.standard_seconds)
    if not lane.fast or FAST not in fees:
        return standard
    bps = _offer(lane, fees[FAST])
    needed = Fraction(Tariff(bps=bps).least_for(wanted), 10**lane.source_decimals)
    if bps > lane.max_fee_bps or needed > await iris.allowance():
        return standard
    return Speed(FAST, bps, lane.fast_seconds)


def _offer(lane: CctpLane, bps: Fraction | None) -> Fraction:
    return (bps or Fraction(0)) * (1 + lane.fee_margin)


def _options(speed: Speed, fee: int) -> bytes:
    return encode(["uint32", "uint256"], [speed.threshold, fee])


def _objection(lane: CctpLane, send: int, fee: int) -> str:
    if fee * 10_000 <= send * lane.max_fee_bps:
        return ""
    return f"it takes {fee} units of {send}, above our route's {lane.max_fee_bps} basis points"
