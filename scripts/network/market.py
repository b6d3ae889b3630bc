"""Changes of the market of a local chain: prices, balances, time, yield."""

from decimal import Decimal

from eth_typing import ChecksumAddress

from scripts.network.chain import LocalChain
from scripts.network.feeds import feed_price, refresh_feeds, set_feed, set_sequencer
from scripts.network.funds import drain_money_market, pause_withdrawals, pay_yield, report_loss
from scripts.network.specs import DECIMALS
from scripts.network.trading import move_pool, pool_price

__all__ = [
    "accrue",
    "drain_money_market",
    "feed_price",
    "give",
    "move_pool",
    "pause_withdrawals",
    "pay_yield",
    "pool_price",
    "refresh_feeds",
    "report_loss",
    "set_feed",
    "set_price",
    "set_sequencer",
    "units",
]
_ETHER = "ETH"


def set_price(chain: LocalChain, symbol: str, price: Decimal) -> None:
    """Set a token's price in US dollars, in its feed and in every pool of it."""
    set_feed(chain, symbol, price)
    for name, pool in chain.addresses.pools.items():
        if symbol in (pool.base, pool.quote):
            target = feed_price(chain, pool.base) / feed_price(chain, pool.quote)
            move_pool(chain, name, target)


def give(chain: LocalChain, token: str, to: ChecksumAddress, amount: int) -> None:
    """Send `amount` base units of a token, or of ETH, from the whale."""
    if token == _ETHER:
        chain.transact("0x", to=to, value=amount, what=f"ether to {to}")
    else:
        chain.send(chain.token(token).functions.transfer(to, amount))


def accrue(chain: LocalChain, seconds: int) -> None:
    """Advance time, accrue interest, and refresh the feeds."""
    chain.set_time(chain.timestamp() + seconds)
    refresh_feeds(chain)


def units(symbol: str, whole: int | str | Decimal) -> int:
    """Return the base units of a whole or decimal amount of a token."""
    return int(Decimal(whole).scaleb(DECIMALS[symbol]))
