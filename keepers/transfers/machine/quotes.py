"""The one place where a bridge is asked for a quote: what it raises becomes a value."""

from __future__ import annotations

from keepers.model.bridges.values import CrossingRequest, QuoteAnswer, Unavailable, read_failure
from keepers.model.errors.chain import ChainError
from keepers.model.errors.transfers import BridgeError
from keepers.transfers.machine.ports import Bridge


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
