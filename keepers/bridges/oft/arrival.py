"""What the destination chain shows of an OFT's message: the first and only proof."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.bridges.bytes32 import (
    account_topic,
    decoded,
    number_topic,
    selector,
    to_bytes,
    topic,
)
from keepers.bridges.dependencies import ChainReader
from keepers.bridges.oft.lane import OftLane
from keepers.model.bridges.values import Departure

ARRIVAL_OF = selector("arrivalOf(bytes32,uint256)")
RECEIVED = topic("OFTReceived(bytes32,uint32,address,uint256)")
CONTRACT = "IOftRoute"
ARRIVED = topic("Arrived(bytes32,uint256,bytes32,uint256)")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is there, in units of the destination; None where there is nothing.

    Attributes:
        waiting: Waits at our route for the treasury.
        composed: Was booked for the transfer, whether or not it waits still.
        received: The route has the tokens.
    """

    waiting: int | None
    composed: int | None
    received: int | None


async def look_on_chain(
    reader: ChainReader, lane: OftLane, departure: Departure, guid: str
) -> Shown:
    """Look at our route first, and at events only while it has nothing."""
    question = ARRIVAL_OF + to_bytes(departure.transfer_id) + to_bytes(number_topic(lane.source))
    answer = await reader.call(lane.destination_route, question)
    (amount,) = decoded(["uint256"], answer, CONTRACT, lane.destination_route)
    if amount:
        return Shown(amount, amount, amount)
    since = departure.destination_block
    booked = await reader.logs(
        lane.destination_route,
        (ARRIVED, departure.transfer_id, number_topic(lane.source), guid),
        since,
    )
    if booked:
        data = to_bytes(booked[-1].data)
        (amount,) = decoded(["uint256"], data, CONTRACT, lane.destination_route)
        return Shown(None, amount, amount)
    route = account_topic(lane.destination_route)
    logs = await reader.logs(lane.destination_oft, (RECEIVED, guid, route), since)
    if not logs:
        return Shown(None, None, None)
    data = to_bytes(logs[-1].data)
    _, amount = decoded(["uint32", "uint256"], data, "IOFT", lane.destination_oft)
    return Shown(None, None, amount)
