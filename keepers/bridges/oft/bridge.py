"""LayerZero V2 bridge: a message is tracked at the destination by its guid."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.bridges.bridge import LaneBridge, arrived, unreadable
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.lane import Chains, dispatched
from keepers.bridges.oft.lane import OftLane, quote_oft
from keepers.bridges.oft.scan import MessageStatus, Scan, ScanAnswer, scan_condition
from keepers.chain.codec import account_topic, event, number_topic, same, to_bytes
from keepers.chain.contracts.treasury import OftRoute
from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import BridgeError, NoDepartureError

NAME = "OFT"
SENT = event("IOFT", "OFTSent")
RECEIVED = event("IOFT", "OFTReceived")
ARRIVED = event("OftRoute", "Arrived")
RETRY = "Check the message in LayerZero Scan, and retry its delivery there; any account may do so."


class OftBridge(LaneBridge[OftLane]):
    """Bridge for USDT0 and other omnichain fungible tokens; our route records arrivals itself."""

    name = NAME

    def __init__(self, scan: Scan, chains: Chains, lanes: tuple[OftLane, ...]) -> None:
        super().__init__(chains, lanes)
        self._scan = scan

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Return the quote of the token on the source, if the scan service responds."""
        lane = self._lanes.for_request(request)
        await scan_condition(self._scan)
        return await quote_oft(self._chains[lane.source], lane, request)

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Accept at once: the message is already sent."""
        del effect
        return Accepted(guid_of(departure, self._lanes.of(departure)))

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the destination chain; ask the scan service only to explain a delay."""
        lane = self._lanes.of(departure)
        guid = guid_of(departure, lane)
        if remote_id and not same(remote_id, guid):
            return Stuck(f"recorded as {remote_id}, but sent as {guid}", RETRY)
        arrival = await read_arrival(self._chains[lane.destination], lane, departure, guid)
        if arrival.composed is not None:
            return arrived(departure, arrival.composed, b"", {"guid": guid})
        try:
            answer = await self._scan.message(guid)
        except BridgeError as error:
            if arrival.received is None:
                return unreadable(error)
            answer = ScanAnswer(MessageStatus.PENDING, "unknown")
        return _underway(guid, arrival, answer)


@dataclass(frozen=True, slots=True)
class ArrivalState:
    """Amounts at the destination, in its units; None if there is none.

    Attributes:
        composed: Amount that our route recorded, whether received by the treasury or not.
        received: Tokens that arrived at our route.
    """

    composed: int | None
    received: int | None


async def read_arrival(
    reader: ChainReader, lane: OftLane, departure: Departure, guid: str
) -> ArrivalState:
    """Read the amount at our route, and events only if there is none."""
    route = OftRoute(lane.destination_route)
    amount = await reader.read(route.arrival_of(to_bytes(departure.transfer_id), lane.source))
    if amount:
        return ArrivalState(amount, amount)
    since = departure.destination_block
    booked = await reader.logs(
        lane.destination_route,
        (ARRIVED.topic, departure.transfer_id, number_topic(lane.source), guid),
        since,
    )
    if booked:
        (amount,) = ARRIVED.decode_of(booked[-1])
        return ArrivalState(amount, amount)
    to_route = account_topic(lane.destination_route)
    logs = await reader.logs(lane.destination_oft, (RECEIVED.topic, guid, to_route), since)
    if not logs:
        return ArrivalState(None, None)
    _, amount = RECEIVED.decode_of(logs[-1])
    return ArrivalState(None, amount)


def guid_of(departure: Departure, lane: OftLane) -> str:
    """Return LayerZero's guid of a transfer, from the events of our route and of the token.

    Raises:
        NoDepartureError: The events are not in the receipt, or do not match.
    """
    guid, sender = dispatched(departure, lane), account_topic(lane.source_route)
    for log in departure.receipt.logs:
        if same(log.address, lane.source_oft) and log.topics == (SENT.topic, guid, sender):
            _, sent, _ = SENT.decode_of(log)
            if sent == departure.terms.amount:
                return guid
    raise NoDepartureError(
        departure.transfer_id, "the token's event does not match the event of our route"
    )


def _underway(guid: str, arrival: ArrivalState, answer: ScanAnswer) -> Tracking:
    if answer.status is MessageStatus.FAILED:
        return Stuck(f"LayerZero reports {answer.words} for {guid}", RETRY)
    if arrival.received is not None:
        return Pending(Wait.UNCOMPOSED, f"{arrival.received} units are at our route")
    if answer.status is MessageStatus.DELIVERED:
        text = f"LayerZero reports {answer.words}, but the chain does not show it"
        return Pending(Wait.CONFIRMING, text)
    unseen = answer.status is MessageStatus.UNSEEN
    return Pending(Wait.UNSEEN if unseen else Wait.PROCESSING, f"LayerZero reports {answer.words}")
