"""Lanes of any bridge: amounts, quotes, departures and conditions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeAlias, TypeVar

from keepers.bridges.chain_reader import ChainReader
from keepers.chain.codec import event
from keepers.chain.contracts.treasury import IBridgeRoute, RouteQuote
from keepers.model.bridge import (
    BridgeQuote,
    CrossingRequest,
    Departure,
    Tariff,
    to_units,
    to_units_down,
)
from keepers.model.chain import Log
from keepers.model.errors.transfers import (
    BadBridgeAnswerError,
    NoDepartureError,
    RouteUnavailableError,
)

DISPATCHED = event("IBridgeRoute", "Dispatched")
NO_ID = bytes(32)

Chains: TypeAlias = Mapping[int, ChainReader]
"""Readers of the chains, by chain id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """A lane of one asset from one chain to another.

    Attributes:
        source: Chain id of the source; `destination` is that of the destination.
        source_route: Our route's contract on the source.
        destination_route: Our route's contract on the destination.
        source_decimals: Decimals of the token on the source.
    """

    asset: str
    source: int
    destination: int
    source_route: str
    destination_route: str
    source_decimals: int = 6
    destination_decimals: int = 6

    @property
    def common_step(self) -> int:
        """Smallest amount, in units of the source, that the destination's token holds exactly."""
        return 10 ** max(0, self.source_decimals - self.destination_decimals)

    def at_source(self, amount: int) -> int:
        """Convert an amount from units of the destination to units of the source, rounded up."""
        return to_units(amount, self.destination_decimals, self.source_decimals)

    def at_destination(self, amount: int) -> int:
        """Convert an amount from units of the source to units of the destination, rounded down."""
        return to_units_down(amount, self.source_decimals, self.destination_decimals)


L = TypeVar("L", bound=Lane)


class Lanes(Generic[L]):
    """The lanes of one bridge."""

    def __init__(self, route: str, lanes: tuple[L, ...]) -> None:
        self.route = route
        self._lanes = {(each.asset, each.source, each.destination): each for each in lanes}

    @property
    def all(self) -> tuple[L, ...]:
        """Every lane."""
        return tuple(self._lanes.values())

    def find(self, asset: str, source: int, destination: int) -> L:
        """Return the lane of an asset between two chains.

        Raises:
            RouteUnavailableError: There is no such lane.
        """
        lane = self._lanes.get((asset, source, destination))
        if lane is None:
            raise RouteUnavailableError(self.route, asset, source, destination)
        return lane

    def for_request(self, request: CrossingRequest) -> L:
        """Return the lane of a request."""
        return self.find(request.asset, request.source, request.destination)

    def of(self, departure: Departure) -> L:
        """Return the lane of a transfer."""
        terms = departure.terms
        return self.find(terms.asset, terms.source_chain, terms.destination_chain)


@dataclass(frozen=True, slots=True)
class Condition:
    """Result of one check of a route's requirements.

    Attributes:
        problem: The problem and its remedy; empty if none.
        fine: Text to show if there is no problem.
    """

    problem: str
    fine: str = ""


def problems_of(conditions: Iterable[Condition]) -> str:
    """Join the problems into one text; empty if there are none."""
    return "; ".join(each.problem for each in conditions if each.problem)


def quote_tariff(
    lane: Lane,
    tariff: Tariff,
    request: CrossingRequest,
    *,
    seconds: Fraction,
    fallback: bool,
    objection: Callable[[int], str],
) -> BridgeQuote:
    """Return the quote of a carrier with a tariff, for as much of the request as goes at once.

    Args:
        lane: The lane.
        tariff: Fees and limits in units of the source.
        request: The amount that has to arrive.
        seconds: Usual duration.
        fallback: Whether the lane is used only for amounts that other lanes cannot cover.
        objection: Returns why an amount cannot be sent now; empty if it can.
    """
    needed, most = tariff.least_for(lane.at_source(request.receive)), tariff.most()
    send = needed if most is None else min(needed, most)
    return BridgeQuote(
        send=send,
        receive=lane.at_destination(tariff.arriving(send)),
        fee=tariff.fee(send),
        minimum=tariff.minimum,
        maximum=most,
        seconds=seconds,
        whole=send == needed,
        fallback=fallback,
        unavailable=objection(send),
    )


async def quote_route(reader: ChainReader, lane: Lane, amount: int, options: bytes) -> RouteQuote:
    """Return the quote of our route on the source for an amount.

    Raises:
        CallRevertedError: The route does not carry the amount.
        ContractMissingError: There is no contract at the route's address.
        BadBridgeAnswerError: The fee is above the amount.
    """
    cargo = (NO_ID, lane.destination, amount, 0)
    quote = await reader.read(IBridgeRoute(lane.source_route).quote(cargo, options))
    if quote.token_fee > max(amount, 1):
        problem = f"a fee of {quote.token_fee} on {amount} units"
        raise BadBridgeAnswerError(f"route {lane.source_route}", problem)
    return quote


def dispatched(departure: Departure, lane: Lane) -> str:
    """Return the bridge's id of a transfer, from our route's event of its departure.

    Raises:
        NoDepartureError: The receipt has no such event of our route, or it has other terms.
    """
    for log in departure.receipt.logs:
        if DISPATCHED.is_in(log, lane.source_route) and _is_of(log, departure):
            amount, least, reference = DISPATCHED.decode_of(log)
            terms = departure.terms
            if (amount, least) != (terms.amount, lane.at_source(terms.min_received)):
                raise NoDepartureError(departure.transfer_id, "it was sent with different terms")
            return f"0x{reference.hex()}"
    raise NoDepartureError(departure.transfer_id, "the route's event is not in the receipt")


def _is_of(log: Log, departure: Departure) -> bool:
    return log.topics[1:2] == (departure.transfer_id.lower(),)
