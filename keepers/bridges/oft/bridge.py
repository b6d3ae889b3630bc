"""Bridge by LayerZero V2: tracked at the destination by the message's number (guid)."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.bridges.chain_reader import ChainReader, read
from keepers.bridges.explanation import explain, unreadable
from keepers.bridges.lane import Chains, Lanes, dispatched
from keepers.bridges.oft.lane import OftLane, quote_oft
from keepers.bridges.oft.scan import MessageStatus, Scan, ScanAnswer, scan_condition
from keepers.chain.codec import account_topic, event, number_topic, same, to_bytes
from keepers.chain.contracts.routes import OftRoute
from keepers.model.bridges.values import (
    Accepted,
    BridgeQuote,
    Crossed,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import ArrivedShortError, BridgeError, NoDepartureError

RECEIVED = event("IOFT", "OFTReceived")
ARRIVED = event("OftRoute", "Arrived")


@dataclass(frozen=True, slots=True)
class ArrivalState:
    """Amounts at the destination, in its units; None where there is nothing.

    Attributes:
        waiting: Waits at our route for the treasury.
        composed: Was booked for the transfer, whether or not it waits still.
        received: The route has the tokens.
    """

    waiting: int | None
    composed: int | None
    received: int | None


async def read_arrival(
    reader: ChainReader, lane: OftLane, departure: Departure, guid: str
) -> ArrivalState:
    """Look at our route first, and at events only while it has nothing."""
    route = OftRoute(lane.destination_route)
    amount = await read(reader, route.arrival_of(to_bytes(departure.transfer_id), lane.source))
    if amount:
        return ArrivalState(amount, amount, amount)
    since = departure.destination_block
    booked = await reader.logs(
        lane.destination_route,
        (ARRIVED.topic, departure.transfer_id, number_topic(lane.source), guid),
        since,
    )
    if booked:
        (amount,) = ARRIVED.decode_of(booked[-1])
        return ArrivalState(None, amount, amount)
    to_route = account_topic(lane.destination_route)
    logs = await reader.logs(lane.destination_oft, (RECEIVED.topic, guid, to_route), since)
    if not logs:
        return ArrivalState(None, None, None)
    _, amount = RECEIVED.decode_of(logs[-1])
    return ArrivalState(None, None, amount)


NAME = "OFT"
SENT = event("IOFT", "OFTSent")
RETRY = "Look at the message in LayerZero's scan, and retry its delivery there: anybody may."


class OftBridge:
    """The engine's `Bridge` for USDT0 and its like."""

    name = NAME

    def __init__(self, scan: Scan, chains: Chains, lanes: tuple[OftLane, ...]) -> None:
        self._scan = scan
        self._chains = chains
        self._lanes = Lanes(NAME, lanes)

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Quote by the token's contract on the source, while the scan service answers."""
        lane = self._lanes.find(request.asset, request.source, request.destination)
        await scan_condition(self._scan)
        return await quote_oft(self._chains[lane.source], lane, request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Accept at once: the message is under way."""
        del effect
        return Accepted(guid_of(departure, self._lanes.of(departure)))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the destination chain first; the scan service explains a delay."""
        lane = self._lanes.of(departure)
        guid = guid_of(departure, lane)
        if remote_id and not same(remote_id, guid):
            return Stuck(f"recorded as {remote_id}, and left as {guid}", RETRY)
        shown = await read_arrival(self._chains[lane.destination], lane, departure, guid)
        if shown.composed is not None:
            return _arrived(departure, guid, shown.composed)
        try:
            said = await self._scan.message(guid)
        except BridgeError as error:
            if shown.received is None:
                return unreadable(error)
            said = ScanAnswer(MessageStatus.PENDING, "unknown")
        return _underway(guid, shown, said)

    async def complete(self, departure: Departure, crossed: Crossed) -> bytes:
        """Return an empty proof: the route itself has booked it."""
        least = departure.terms.min_received
        if crossed.amount < least:
            raise ArrivedShortError(departure.transfer_id, crossed.amount, least)
        return crossed.proof

    def explain(self, state: BridgeQuote | Initiation | Tracking) -> str:
        """Describe a state in a sentence or two."""
        return explain(NAME, state)


def guid_of(departure: Departure, lane: OftLane) -> str:
    """LayerZero's number of a transfer, from our route's event and the token's beside it.

    Raises:
        NoDepartureError: They are not in the receipt, or do not agree.
    """
    guid, sender = dispatched(departure, lane), account_topic(lane.source_route)
    for log in departure.receipt.logs:
        if same(log.address, lane.source_oft) and log.topics == (SENT.topic, guid, sender):
            _, sent, _ = SENT.decode_of(log)
            if sent == departure.terms.amount:
                return guid
    raise NoDepartureError(departure.transfer_id, "the token did not send what our route says")


def _arrived(departure: Departure, guid: str, amount: int) -> Tracking:
    least = departure.terms.min_received
    if amount < least:
        said = f"{amount} units arrived, less than the {least} of the terms"
        return Stuck(said, "Decide what becomes of them; the treasury takes no less.")
    return Crossed(amount=amount, proof=b"", facts={"guid": guid})


def _underway(guid: str, shown: ArrivalState, said: ScanAnswer) -> Tracking:
    if said.verdict is MessageStatus.FAILED:
        return Stuck(f"LayerZero says {said.words} of {guid}", RETRY)
    if shown.received is not None:
        return Pending(Wait.UNCOMPOSED, f"{shown.received} units are at our route")
    if said.verdict is MessageStatus.DELIVERED:
        text = f"LayerZero says {said.words}, and the chain does not show it"
        return Pending(Wait.CONFIRMING, text)
    unseen = said.verdict is MessageStatus.UNSEEN
    return Pending(Wait.UNSEEN if unseen else Wait.PROCESSING, f"LayerZero says {said.words}")
