"""Lanes of USDC by CCTP, and the conditions under which they work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

from keepers.bridges.cctp.iris import Iris
from keepers.bridges.chain_reader import ChainReader, read
from keepers.bridges.lane import Chains, Condition, Lane
from keepers.chain.contracts.routes import CctpV2Route
from keepers.model.errors.transfers import BadBridgeAnswerError

BURN_LIMIT = 10_000_000 * 10**6
"""The most that Circle documents for one burn, in units of USDC."""


NOBODY = "0x" + "00" * 20
"""No account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CctpLane(Lane):
    """Attributes beside those of `Lane`.

    Attributes:
        source_domain: Circle's number of the source, as `destination_domain` is.
        transmitter: The message transmitter on the source.
        keeper: Who signs on the source; Circle may have it on its deny list. `NOBODY` where it is
            not known.
        fast: Whether the fast way may be taken where there is one.
        fee_margin: How much above the quoted fee may be paid, as a part of it: fees move.
        max_fee_bps: The most that our route lets through.
        fast_seconds: How long the fast way takes, as a rule.
        standard_seconds: How long the other one takes.
    """

    source_domain: int
    destination_domain: int
    transmitter: str
    keeper: str = NOBODY
    fast: bool = False
    fee_margin: Fraction = Fraction(1, 10)
    max_fee_bps: int = 15
    fast_seconds: Fraction = Fraction(20)
    standard_seconds: Fraction = Fraction(19 * 60)


class CircleObstacle(IntEnum):
    """Why Circle's contracts on a chain would refuse, in the order of `ICctpV2Route.Obstacle`."""

    NONE = 0
    TRANSMITTER_PAUSED = 1
    NO_MINTER = 2
    MINTER_PAUSED = 3
    NO_REMOTE_MESSENGER = 4
    ROUTE_DENIED = 5
    KEEPER_DENIED = 6


WAIT = "it goes on once Circle has changed that"
TEXTS: Mapping[CircleObstacle, str] = {
    CircleObstacle.NONE: "",
    CircleObstacle.TRANSMITTER_PAUSED: (
        f"Circle has paused its message transmitter on {{here}}; {WAIT}"
    ),
    CircleObstacle.NO_MINTER: f"Circle's messenger on {{here}} has no minter; {WAIT}",
    CircleObstacle.MINTER_PAUSED: f"Circle has paused its minter on {{here}}; {WAIT}",
    CircleObstacle.NO_REMOTE_MESSENGER: (
        f"Circle's messenger on {{here}} has removed that of {{there}}; {WAIT}"
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
        BridgeError: It does not answer.
    """
    keys = await iris.attesters()
    fees = await iris.fees(source_domain, destination_domain)
    lacking = "the attestation service names no keys, so nothing can be proven"
    return fees, (
        Condition("" if keys else lacking, f"{len(keys)} attestation keys"),
        Condition("" if fees else "it quotes no fees", f"quotes {len(fees)} fees"),
    )


async def lane_condition(chains: Chains, lane: CctpLane) -> Condition:
    """Look whether Circle's contracts burn for a lane at its source, and mint at its end.

    Raises:
        ChainError: One of the chains cannot be read.
        BridgeError: A route says what none can.
    """
    near = Side(lane.source, lane.destination, lane.source_route, lane.keeper)
    here = await _obstacle(chains[near.chain], near)
    if here is not CircleObstacle.NONE:
        return Condition(near.text_of(here))
    far = Side(lane.destination, lane.source, lane.destination_route, NOBODY)
    there = await _obstacle(chains[far.chain], far)
    if there is not CircleObstacle.NONE and there not in OF_BURNS:
        return Condition(far.text_of(there))
    return Condition("", "Circle burns and mints for it")


@dataclass(frozen=True, slots=True)
class Side:
    """A chain of a lane, the other one by its id, our route here, and who signs here."""

    chain: int
    other: int
    route: str
    keeper: str

    def text_of(self, obstacle: CircleObstacle) -> str:
        """Return the text of an obstacle here with advice; empty where there is none."""
        names = {"here": f"EVM-{self.chain}", "there": f"EVM-{self.other}"}
        return TEXTS[obstacle].format(route=self.route, keeper=self.keeper, **names)


async def _obstacle(reader: ChainReader, side: Side) -> CircleObstacle:
    number = await read(reader, CctpV2Route(side.route).obstacle(side.other, side.keeper))
    try:
        return CircleObstacle(number)
    except ValueError:
        problem = f"{number} is no obstacle"
        raise BadBridgeAnswerError(f"route {side.route}", problem) from None
