"""Price feeds, and on rollups the feed of the sequencer's uptime."""

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.build.builder import Builder
from scripts.network.specs import FEED_DECIMALS, FEED_NAMES, PRICES

_SEQUENCER_UP = 0
_DAY = 86_400


def deploy_feeds(builder: Builder) -> dict[str, ChecksumAddress]:
    """Deploy a feed for each token, at the market's price."""
    return {symbol: _price_feed(builder, symbol) for symbol in FEED_NAMES}


def deploy_sequencer_feed(builder: Builder) -> ChecksumAddress | None:
    """Deploy the uptime feed of a rollup, up since yesterday; return None on other chains."""
    if not builder.spec.rollup:
        return None
    name = f"{builder.spec.name} Sequencer Uptime Status Feed"
    feed = builder.deploy("PriceFeed", WHALE, 0, name)
    functions = builder.contract("PriceFeed", feed).functions
    builder.send(functions.setRound(_SEQUENCER_UP, builder.timestamp() - _DAY))
    return feed


def _price_feed(builder: Builder, symbol: str) -> ChecksumAddress:
    feed = builder.deploy("PriceFeed", WHALE, FEED_DECIMALS, FEED_NAMES[symbol])
    price = int(PRICES[symbol].scaleb(FEED_DECIMALS))
    builder.send(builder.contract("PriceFeed", feed).functions.setPrice(price))
    return feed
