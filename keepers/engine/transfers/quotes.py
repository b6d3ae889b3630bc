"""The one place where a bridge is asked for a quote: what it raises becomes a value."""

from __future__ import annotations

from keepers.domain.bridging.availability import QuoteAnswer, Unavailable, read_failure
from keepers.domain.bridging.crossing import CrossingRequest
from keepers.domain.errors_bridges import BridgeError
from keepers.domain.errors_chain import ChainError
from keepers.engine.transfers.ports import Bridge


async def quote_of(bridge: Bridge, request: CrossingRequest) -> QuoteAnswer:
    """Ask a bridge for a quote.

    Returns:
        A quote that can be used now, or why there is none: the route is unavailable, or nothing
        is known of it. No failure of one bridge is an exception for those who ask several.
    """
    try:
        quote = await bridge.quote(request)
    except (BridgeError, ChainError) as error:
        return read_failure(error)
    if quote.unavailable:
        return Unavailable(quote.unavailable)
    if quote.send == 0 or quote.receive == 0:
        return Unavailable("nothing can go through now")
    return quote
