"""Changes of the price feeds and the sequencer's uptime feed."""

from decimal import Decimal

from scripts.network.chain import LocalChain
from scripts.network.specs import FEED_DECIMALS

_SEQUENCER_UP, _SEQUENCER_DOWN = 0, 1


def set_feed(chain: LocalChain, symbol: str, price: Decimal, updated_at: int | None = None) -> None:
    """Start a feed round, now or at a given time; all prices are accepted, also invalid ones."""
    functions = chain.feed(symbol).functions
    answer = int(price.scaleb(FEED_DECIMALS))
    if updated_at is None:
        chain.send(functions.setPrice(answer))
    else:
        chain.send(functions.setRound(answer, updated_at))


def feed_price(chain: LocalChain, symbol: str) -> Decimal:
    """Return the price of a token's feed, in US dollars."""
    return Decimal(chain.feed(symbol).functions.latestAnswer().call()).scaleb(-FEED_DECIMALS)


def refresh_feeds(chain: LocalChain) -> None:
    """Repeat every feed's price at the current time."""
    for symbol in chain.addresses.feeds:
        functions = chain.feed(symbol).functions
        chain.send(functions.setPrice(functions.latestAnswer().call()))


def set_sequencer(chain: LocalChain, *, up: bool, since: int | None = None) -> None:
    """Report a rollup's sequencer up or down, since now or a given time."""
    feed = chain.addresses.sequencer_feed
    if feed is None:
        raise LookupError(f"{chain.name} is not a rollup: it has no sequencer feed")
    answer = _SEQUENCER_UP if up else _SEQUENCER_DOWN
    moment = chain.timestamp() if since is None else since
    chain.send(chain.contract("PriceFeed", feed).functions.setRound(answer, moment))
