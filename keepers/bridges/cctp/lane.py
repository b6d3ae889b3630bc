"""Lanes of USDC over CCTP: their conditions and quotes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from eth_abi.abi import encode

from keepers.bridges.cctp.iris import Iris
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.lane import Chains, Condition, Lane, problems_of, quote_route
from keepers.chain.codec import ZERO_ADDRESS
from keepers.chain.contracts.treasury import CctpV2Route
from keepers.model.bridge import BridgeQuote, CrossingRequest, Tariff
from keepers.model.errors.transfers import BadBridgeAnswerError

BURN_LIMIT = 10_000_000 * 10**6
"""Largest burn that Circle documents, in units of USDC."""

FAST, STANDARD = 1000, 2000
"""Finality thresholds of the two speeds."""

MOST_ROUNDS = 8
"""The chain's minimum fee is a share of the amount, so one or two additions suffice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CctpLane(Lane):
    """Lane of USDC over CCTP.

    Attributes:
        source_domain: Circle's domain of the source, as `destination_domain` of the destination.
        transmitter: The message transmitter on the source.
        keeper: Account that signs on the source, checked against Circle's deny list; the zero
            address if unknown.
        fast: Whether fast transfers may be used where offered.
        fee_margin: Fraction of the quoted fee that may be paid in addition, because fees change.
        max_fee_bps: Largest fee that our route accepts.
        fast_seconds: Usual duration of a fast transfer.
        standard_seconds: Usual duration of a standard transfer.
    """

    source_domain: int
    destination_domain: int
    transmitter: str
    keeper: str = ZERO_ADDRESS
    fast: bool = False
    fee_margin: Fraction = Fraction(1, 10)
    max_fee_bps: int = 15
    fast_seconds: Fraction = Fraction(20)
    standard_seconds: Fraction = Fraction(19 * 60)


class CircleObstacle(IntEnum):
    """Reason why Circle's contracts would refuse, as in `ICctpV2Route.Obstacle`."""

    NONE = 0
    TRANSMITTER_PAUSED = 1
    NO_MINTER = 2
    MINTER_PAUSED = 3
    NO_REMOTE_MESSENGER = 4
    ROUTE_DENIED = 5
    KEEPER_DENIED = 6


WAIT = "transfers continue once Circle has changed this"
TEXTS: Mapping[CircleObstacle, str] = {
    CircleObstacle.NONE: "",
    CircleObstacle.TRANSMITTER_PAUSED: (
        f"Circle has paused its message transmitter on {{here}}; {WAIT}"
    ),
    CircleObstacle.NO_MINTER: f"Circle's messenger on {{here}} has no minter; {WAIT}",
    CircleObstacle.MINTER_PAUSED: f"Circle has paused its minter on {{here}}; {WAIT}",
    CircleObstacle.NO_REMOTE_MESSENGER: (
        f"Circle's messenger on {{here}} has removed the messenger of {{there}}; {WAIT}"
    ),
    CircleObstacle.ROUTE_DENIED: "our route {route} on {here} is on Circle's deny list; ask Circle",
    CircleObstacle.KEEPER_DENIED: (
        "the keeper {keeper} on {here} is on Circle's deny list; use another key, or ask Circle"
    ),
}
"""Texts of obstacles, with advice."""

OF_BURNS = frozenset({CircleObstacle.ROUTE_DENIED, CircleObstacle.KEEPER_DENIED})
"""Obstacles that do not concern a mint."""


async def service_conditions(
    iris: Iris, source_domain: int, destination_domain: int
) -> tuple[Mapping[int, Fraction], tuple[Condition, ...]]:
    """Return the fees of the attestation service by finality threshold, and its conditions.

    Raises:
        BridgeError: The service does not respond.
    """
    keys = await iris.attesters()
    fees = await iris.fees(source_domain, destination_domain)
    lacking = "the attestation service lists no keys, so nothing can be proven"
    return fees, (
        Condition("" if keys else lacking, f"{len(keys)} attestation keys"),
        Condition(
            "" if fees else "the attestation service quotes no fees", f"quotes {len(fees)} fees"
        ),
    )


async def lane_condition(chains: Chains, lane: CctpLane) -> Condition:
    """Check that Circle's contracts burn at a lane's source and mint at its destination.

    Raises:
        ChainError: One of the chains cannot be read.
        BridgeError: A route names an unknown obstacle.
    """
    near = Side(lane.source, lane.destination, lane.source_route, lane.keeper)
    here = await _obstacle(chains[near.chain], near)
    if here is not CircleObstacle.NONE:
        return Condition(near.text_of(here))
    far = Side(lane.destination, lane.source, lane.destination_route, ZERO_ADDRESS)
    there = await _obstacle(chains[far.chain], far)
    if there is not CircleObstacle.NONE and there not in OF_BURNS:
        return Condition(far.text_of(there))
    return Condition("", "Circle burns and mints for it")


@dataclass(frozen=True, slots=True)
class Side:
    """End of a lane: its chain, the other chain, our route here, and the account that signs."""

    chain: int
    other: int
    route: str
    keeper: str

    def text_of(self, obstacle: CircleObstacle) -> str:
        """Return the text of an obstacle at this end, with advice; empty if there is none."""
        names = {"here": f"EVM-{self.chain}", "there": f"EVM-{self.other}"}
        return TEXTS[obstacle].format(route=self.route, keeper=self.keeper, **names)


async def _obstacle(reader: ChainReader, side: Side) -> CircleObstacle:
    number = await reader.read(CctpV2Route(side.route).obstacle(side.other, side.keeper))
    try:
        return CircleObstacle(number)
    except ValueError:
        problem = f"{number} is not a known obstacle"
        raise BadBridgeAnswerError(f"route {side.route}", problem) from None


@dataclass(frozen=True, slots=True)
class Speed:
    """A speed of CCTP, fast or standard, with its fee."""

    threshold: int
    bps: Fraction
    seconds: Fraction


async def quote_cctp(
    iris: Iris, chains: Chains, lane: CctpLane, request: CrossingRequest
) -> BridgeQuote:
    """Quote the burn that mints at least the requested amount at any fee within the offer."""
    wanted = lane.at_source(request.receive)
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
        receive=lane.at_destination(left),
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
    return (
        f"the fee of {fee} units on {send} is above our route's limit of {lane.max_fee_bps} "
        "basis points"
    )
