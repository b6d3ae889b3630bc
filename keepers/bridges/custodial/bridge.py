"""Bridge through a custodian: one crossing per transfer, under an idempotency key."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from keepers.bridges.arrival import InboxLane, find_arrival
from keepers.bridges.bridge import LaneBridge, unreadable
from keepers.bridges.custodial.service import (
    Crossing,
    CrossingState,
    Custodian,
    LaneTerms,
    lane_condition,
)
from keepers.bridges.lane import Chains, quote_tariff
from keepers.model.bridge import (
    Accepted,
    BridgeQuote,
    CrossingRequest,
    Departure,
    Effect,
    Initiation,
    Pending,
    Stuck,
    Tariff,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import BridgeError, BridgeRefusedError, BridgeUnreachableError

NAME = "CUSTODIAN"
ASK = "Ask the custodian, and quote the crossing's key."
CONFLICT = f"HTTP {HTTPStatus.CONFLICT}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodialLane(InboxLane):
    """Lane through a custodian.

    Attributes:
        fallback: Whether it is used only for amounts that other lanes cannot cover.
    """

    fallback: bool = False


class CustodialBridge(LaneBridge[CustodialLane]):
    """Bridge through a custodian."""

    name = NAME

    def __init__(
        self, custodian: Custodian, chains: Chains, lanes: tuple[CustodialLane, ...]
    ) -> None:
        super().__init__(chains, lanes)
        self._custodian = custodian

    async def quote(self, request: CrossingRequest) -> BridgeQuote:
        """Quote the custodian's current offer."""
        lane = self._lanes.for_request(request)
        offer = await self._custodian.terms(lane.asset, lane.source, lane.destination)
        tariff = Tariff(
            fixed=offer.fixed,
            bps=offer.bps,
            step=lane.common_step,
            minimum=offer.minimum,
            maximum=offer.maximum,
        )
        return quote_tariff(
            lane,
            tariff,
            request,
            seconds=offer.seconds,
            fallback=lane.fallback,
            objection=lambda send: _objection(offer, send),
        )

    async def initiate(self, departure: Departure, effect: Effect) -> Initiation:
        """Request the crossing; after a time-out, request it again under the same key."""
        lane, key = self._lanes.of(departure), effect.client_key
        await effect.record()
        try:
            await self._custodian.create(key, _order(departure, lane))
        except BridgeUnreachableError as error:
            return Pending(Wait.UNSURE, str(error))
        except BridgeRefusedError as error:
            conflict = error.code == CONFLICT
            problem = "it has different terms under our key" if conflict else error.problem
            return Stuck(f"the custodian refused with {error.code}: {problem}", ASK)
        except BridgeError as error:
            return unreadable(error)
        return Accepted(key)

    async def track(self, departure: Departure, remote_id: str) -> Tracking:
        """Read the crossing, then the transaction that it reports."""
        lane = self._lanes.of(departure)
        try:
            crossing = await self._custodian.find(remote_id)
        except BridgeError as error:
            return unreadable(error)
        if crossing is None:
            return Stuck("the custodian does not know the crossing that it accepted", ASK)
        return await self._state_of(departure, lane, crossing)

    async def _state_of(
        self, departure: Departure, lane: CustodialLane, crossing: Crossing
    ) -> Tracking:
        match crossing.state:
            case CrossingState.HELD | CrossingState.FAILED:
                return Stuck(f"the custodian reports {crossing.state}: {crossing.reason}", ASK)
            case CrossingState.CROSSED if crossing.transaction:
                reader = self._chains[lane.destination]
                reported = (crossing.transaction, crossing.amount)
                return await find_arrival(reader, lane, departure, *reported)
            case state:
                return Pending(Wait.PROCESSING, f"the custodian reports {state}")


def _objection(offer: LaneTerms, send: int) -> str:
    if problem := lane_condition(offer).problem:
        return problem
    return "" if send >= offer.minimum else "its maximum is below its minimum"


def _order(departure: Departure, lane: CustodialLane) -> dict[str, str]:
    """Return the request with every term, so that a key always means the same terms."""
    terms = departure.terms
    return {
        "asset": terms.asset,
        "source": str(terms.source_chain),
        "destination": str(terms.destination_chain),
        "amount": str(terms.amount),
        "minimum": str(terms.min_received),
        "deposit": departure.receipt.transaction_hash,
        "to": lane.inbox,
    }
