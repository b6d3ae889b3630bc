"""A token over LayerZero V2: tracked where it arrives, by the number that it left with."""

from __future__ import annotations

from keepers.bridges.bytes32 import account_topic, decoded, same, to_bytes, topic
from keepers.bridges.explanation import explain
from keepers.bridges.lane import Chains, Lanes
from keepers.bridges.oft.arrival import Shown, look_on_chain
from keepers.bridges.oft.conditions import scan_condition
from keepers.bridges.oft.lane import OftLane
from keepers.bridges.oft.quotes import quote_oft
from keepers.bridges.oft.scan import Said, Scan, Verdict
from keepers.bridges.route import dispatched
from keepers.bridges.unavailable import told
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
from keepers.model.errors.bridges import ArrivedShortError, BridgeError, NoDepartureError

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
