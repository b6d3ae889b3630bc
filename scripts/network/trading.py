"""Prices of the Uniswap pools: reading and moving."""

from decimal import Decimal
from fractions import Fraction

from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.errors import PoolStuckError
from scripts.network.pools import base_is_token0, price_of, raw_price, sqrt_price_x96

_FOREVER = 2**63


def pool_price(chain: LocalChain, name: str) -> Fraction:
    """Return a pool's exact price in whole quote tokens per base token."""
    pool, base_first = chain.addresses.pools[name], _base_first(chain, name)
    return price_of(_sqrt_price(chain, name), pool.base, pool.quote, base_first=base_first)


def move_pool(chain: LocalChain, name: str, price: Decimal | Fraction) -> None:
    """Trade with the whale's tokens until a pool is exactly at `price`."""
    pool, base_first = chain.addresses.pools[name], _base_first(chain, name)
    now = _sqrt_price(chain, name)
    limit = sqrt_price_x96(raw_price(price, pool.base, pool.quote, base_first=base_first))
    if limit == now:
        return
    # Selling token0 lowers the pool's price; the trade stops at the price limit.
    sells_base = (limit < now) == base_first
    sold, bought = (pool.base, pool.quote) if sells_base else (pool.quote, pool.base)
    tokens, amount = chain.addresses.tokens, chain.balance(sold, WHALE)
    order = (tokens[sold], tokens[bought], pool.fee, WHALE, _FOREVER, amount, 0, limit)
    router = chain.contract("SwapRouter", chain.addresses.uniswap.router)
    chain.send(router.functions.exactInputSingle(order))
    if (reached := _sqrt_price(chain, name)) != limit:
        raise PoolStuckError(name, reached, limit)


def _base_first(chain: LocalChain, name: str) -> bool:
    pool, tokens = chain.addresses.pools[name], chain.addresses.tokens
    return base_is_token0(tokens[pool.base], tokens[pool.quote])


def _sqrt_price(chain: LocalChain, name: str) -> int:
    pool = chain.addresses.pools[name].address
    return chain.contract("UniswapV3Pool", pool).functions.slot0().call()[0]
