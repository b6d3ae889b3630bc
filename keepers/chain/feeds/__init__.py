"""Price feeds as they were: `walk` goes back through rounds, `reader` is the engine's port."""

from keepers.chain.feeds.reader import CoinPrice, FeedReader

__all__ = ["CoinPrice", "FeedReader"]
