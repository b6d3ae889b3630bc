"""A token over LayerZero V2: tracked where it arrives, by the number that it left with."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.bridges.bytes32 import (
    account_topic,
    decoded,
    number_topic,
    same,
    selector,
    to_bytes,
    topic,
)
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.explanation import explain, told
from keepers.bridges.lane import Chains, Lanes
from keepers.bridges.oft.lane import OftLane, quote_oft
from keepers.bridges.oft.scan import Said, Scan, Verdict, scan_condition
from keepers.bridges.route import dispatched
from keepers.model.bridges.effect import Effect
from keepers.model.bridges.values import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import ArrivedShortError, BridgeError, NoDepartureError

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


NAME = "OFT"
SENT = topic("OFTSent(bytes32,uint32,address,uint256,uint256)")
RETRY = "Look at the message in LayerZero's scan, and retry its delivery there: anybody may."


class OftBridge:
    """The engine's `Bridge` for USDT0 and its like."""

    name = NAME

    def __init__(self, scan: Scan, chains: Chains, lanes: tuple[OftLane, ...]) -> None:
        self._scan = scan
        self._chains = chains
        self._lanes = Lanes(NAME, lanes)

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """What the token's contract on the source says, while the scan service answers."""
        lane = self._lanes.find(request.asset, request.source, request.destination)
        await scan_condition(self._scan)
        return await quote_oft(self._chains[lane.source], lane, request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Nothing is to be asked for: the message is on its way."""
        del effect
        return Accepted(guid_of(departure, self._lanes.of(departure)))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """The destination chain first; the scan service says why it is not there yet."""
        lane = self._lanes.of(departure)
        guid = guid_of(departure, lane)
        if remote_id and not same(remote_id, guid):
            return Stuck(f"recorded as {remote_id}, and left as {guid}", RETRY)
        shown = await look_on_chain(self._chains[lane.destination], lane, departure, guid)
        if shown.composed is not None:
            return _arrived(departure, guid, shown.composed)
        try:
            said = await self._scan.message(guid)
        except BridgeError as error:
            if shown.received is None:
                return told(error)
            said = Said(Verdict.PENDING, "unknown")
        return _underway(guid, shown, said)

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Nothing: the route itself has booked it."""
        least = departure.terms.min_received
        if crossed.amount < least:
            raise ArrivedShortError(departure.transfer_id, crossed.amount, least)
        return crossed.proof

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """A sentence or two for people."""
        return explain(NAME, state)


def guid_of(departure: Departure, lane: OftLane) -> str:
    """LayerZero's number of a transfer, from our route's event and the token's beside it.

    Raises:
        NoDepartureError: They are not in the receipt, or do not agree.
    """
    guid, sender = dispatched(departure, lane), account_topic(lane.source_route)
    for log in departure.receipt.logs:
        if same(log.address, lane.source_oft) and log.topics == (SENT, guid, sender):
            types = ["uint32", "uint256", "uint256"]
            _, sent, _ = decoded(types, to_bytes(log.data), "IOFT", log.address)
            if sent == departure.terms.amount:
                return guid
    raise NoDepartureError(departure.transfer_id, "the token did not send what our route says")


def _arrived(departure: Departure, guid: str, amount: int) -> Tracking:
    least = departure.terms.min_received
    if amount < least:
        said = f"{amount} units arrived, less than the {least} of the terms"
        return Stuck(said, "Decide what becomes of them; the treasury takes no less.")
    return Crossed(amount=amount, proof=b"", facts={"guid": guid})


def _underway(guid: str, shown: Shown, said: Said) -> Tracking:
    if said.verdict is Verdict.FAILED:
        return Stuck(f"LayerZero says {said.words} of {guid}", RETRY)
    if shown.received is not None:
        return Pending(Wait.UNCOMPOSED, f"{shown.received} units are at our route")
    if said.verdict is Verdict.DELIVERED:
        text = f"LayerZero says {said.words}, and the chain does not show it"
        return Pending(Wait.CONFIRMING, text)
    unseen = said.verdict is Verdict.UNSEEN
    return Pending(Wait.UNSEEN if unseen else Wait.PROCESSING, f"LayerZero says {said.words}")
