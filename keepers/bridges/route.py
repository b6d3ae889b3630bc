"""Our routes on chain, as all kinds have them: what carrying would cost, and what left."""

from __future__ import annotations

from dataclasses import dataclass

from eth_abi.abi import encode

from keepers.bridges.bytes32 import decoded, selector, to_bytes, topic
from keepers.bridges.chain_reader import ChainReader
from keepers.bridges.lane import Lane
from keepers.model.bridges.gross_up import to_units
from keepers.model.bridges.values import Departure
from keepers.model.chain import Log
from keepers.model.errors.transfers import BadBridgeAnswerError, NoDepartureError

QUOTE = selector("quote((bytes32,uint256,uint256,uint256),bytes)")
CARGO = ["(bytes32,uint256,uint256,uint256)", "bytes"]
DISPATCHED = topic("Dispatched(bytes32,uint256,uint256,uint256,bytes32)")
NO_ID = bytes(32)
CONTRACT = "IBridgeRoute"


@dataclass(frozen=True, slots=True)
class RouteQuote:
    """What `IBridgeRoute.quote` says: coins, units of the token, and bounds of the amount."""

    native_fee: int
    token_fee: int
    least: int
    most: int


async def quote_route(reader: ChainReader, lane: Lane, amount: int, options: bytes) -> RouteQuote:
    """Ask our route on the source what an amount would cost.

    Raises:
        CallRevertedError: The route does not carry it.
        ContractMissingError: There is no such route.
        BadBridgeAnswerError: It takes more than all.
    """
    cargo = (NO_ID, lane.destination, amount, 0)
    answer = await reader.call(lane.source_route, QUOTE + encode(CARGO, [cargo, options]))
    quote = RouteQuote(*decoded(["uint256"] * 4, answer, CONTRACT, lane.source_route))
    if quote.token_fee > max(amount, 1):
        problem = f"a fee of {quote.token_fee} of {amount} units"
        raise BadBridgeAnswerError(f"route {lane.source_route}", problem)
    return quote


def dispatched(departure: Departure, lane: Lane) -> str:
    """The bridge's own number of a transfer, as our route told it when the transfer left.

    Raises:
        NoDepartureError: The receipt has no such event of our route, or it tells other terms.
    """
    for log in departure.receipt.logs:
        if log.address.lower() == lane.source_route.lower() and _is_of(log, departure):
            types = ["uint256", "uint256", "bytes32"]
            amount, least, reference = decoded(types, to_bytes(log.data), CONTRACT, log.address)
            if (amount, least) != (departure.terms.amount, _least_here(departure, lane)):
                raise NoDepartureError(departure.transfer_id, "it left with other terms")
            return f"0x{reference.hex()}"
    raise NoDepartureError(departure.transfer_id, "the route's event is not in the receipt")


def _least_here(departure: Departure, lane: Lane) -> int:
    """The least that must arrive, as the treasury tells its route: in units of the source."""
    least = departure.terms.min_received
    return to_units(least, lane.destination_decimals, lane.source_decimals)


def _is_of(log: Log, departure: Departure) -> bool:
    return log.topics[:2] == (DISPATCHED, departure.transfer_id.lower())
