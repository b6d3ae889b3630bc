"""Our routes on chain, whatever their bridge: the quote of a transfer, and its departure."""

from __future__ import annotations

from keepers.bridges.chain_reader import ChainReader, read
from keepers.bridges.lane import Lane
from keepers.chain.codec import event
from keepers.chain.contracts.routes import IBridgeRoute, RouteQuote
from keepers.model.bridges.gross_up import to_units
from keepers.model.bridges.values import Departure
from keepers.model.chain import Log
from keepers.model.errors.transfers import BadBridgeAnswerError, NoDepartureError

DISPATCHED = event("IBridgeRoute", "Dispatched")
NO_ID = bytes(32)


async def quote_route(reader: ChainReader, lane: Lane, amount: int, options: bytes) -> RouteQuote:
    """Return the quote of our route on the source for an amount.

    Raises:
        CallRevertedError: The route does not carry it.
        ContractMissingError: There is no such route.
        BadBridgeAnswerError: Its fee is above the amount.
    """
    cargo = (NO_ID, lane.destination, amount, 0)
    quote = await read(reader, IBridgeRoute(lane.source_route).quote(cargo, options))
    if quote.token_fee > max(amount, 1):
        problem = f"a fee of {quote.token_fee} of {amount} units"
        raise BadBridgeAnswerError(f"route {lane.source_route}", problem)
    return quote


def dispatched(departure: Departure, lane: Lane) -> str:
    """Return the bridge's own number of a transfer, from our route's event of its departure.

    Raises:
        NoDepartureError: The receipt has no such event of our route, or one with other terms.
    """
    for log in departure.receipt.logs:
        if DISPATCHED.is_in(log, lane.source_route) and _is_of(log, departure):
            amount, least, reference = DISPATCHED.decode_of(log)
            if (amount, least) != (departure.terms.amount, _least_here(departure, lane)):
                raise NoDepartureError(departure.transfer_id, "it left with other terms")
            return f"0x{reference.hex()}"
    raise NoDepartureError(departure.transfer_id, "the route's event is not in the receipt")


def _least_here(departure: Departure, lane: Lane) -> int:
    """Return the least amount that must arrive, in units of the source."""
    least = departure.terms.min_received
    return to_units(least, lane.destination_decimals, lane.source_decimals)


def _is_of(log: Log, departure: Departure) -> bool:
    return log.topics[1:2] == (departure.transfer_id.lower(),)
