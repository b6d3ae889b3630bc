"""Real Uniswap V3: trades fill at their quotes, and the pools are deep."""

from collections.abc import Mapping

import pytest
from eth_typing import ChecksumAddress

from scripts.network import LocalChain
from scripts.network.market import pool_price, units

FOREVER = 2**63


def _quote(chain: LocalChain, sold: str, bought: str, fee: int, amount: int) -> int:
    quoter = chain.contract("QuoterV2", chain.addresses.uniswap.quoter)
    tokens = chain.addresses.tokens
    order = (tokens[sold], tokens[bought], amount, fee, 0)
    return quoter.functions.quoteExactInputSingle(order).call()[0]


def _sell(
    chain: LocalChain, sold: str, bought: str, fee: int, amount: int, *, seller: ChecksumAddress
) -> int:
    router = chain.contract("SwapRouter", chain.addresses.uniswap.router)
    tokens = chain.addresses.tokens
    chain.send(chain.token(sold).functions.approve(router.address, amount), sender=seller)
    before = chain.balance(bought, seller)
    order = (tokens[sold], tokens[bought], fee, seller, FOREVER, amount, 0, 0)
    chain.send(router.functions.exactInputSingle(order), sender=seller)
    return chain.balance(bought, seller) - before


@pytest.mark.parametrize("pair", ["WETH/USDT", "HYD/USDT", "USDC/USDT", "WETH/USDC"])
def test_quote__then_swap__fills_at_the_quote(
    chains: Mapping[str, LocalChain], alice: ChecksumAddress, pair: str
) -> None:
    for chain in chains.values():
        pool = chain.addresses.pools[pair]
        trade = (pool.quote, pool.base, pool.fee, units(pool.quote, 200_000))
        quoted = _quote(chain, *trade)
        assert quoted > 0
        assert _sell(chain, *trade, seller=alice) == quoted


def test_swap__200_000_usdt__moves_a_pool_well_under_one_percent(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    before = pool_price(chain, "HYD/USDT")
    _sell(chain, "USDT", "HYD", 500, units("USDT", 200_000), seller=alice)
    assert 0 < pool_price(chain, "HYD/USDT") / before - 1 < 0.005


def test_swap_router02__without_deadline__trades_too(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    router = chain.contract("SwapRouter02", chain.addresses.uniswap.router02)
    tokens, amount = chain.addresses.tokens, units("WETH", 1)
    chain.send(chain.token("WETH").functions.approve(router.address, amount), sender=alice)
    order = (tokens["WETH"], tokens["USDC"], 500, alice, amount, 0, 0)
    before = chain.balance("USDC", alice)
    chain.send(router.functions.exactInputSingle(order), sender=alice)
    # 3,000 less the fee of 0.05 % and less than 0.01 % of price impact.
    assert units("USDC", 2_998) < chain.balance("USDC", alice) - before < units("USDC", "2998.5")


def test_pool__after_some_trades__gives_a_time_weighted_price(
    chain: LocalChain, alice: ChecksumAddress
) -> None:
    pool = chain.contract("UniswapV3Pool", chain.addresses.pools["WETH/USDT"].address)
    for _ in range(3):
        _sell(chain, "USDT", "WETH", 3_000, units("USDT", 1_000), seller=alice)
    chain.set_time(chain.timestamp() + 60)
    old, new = pool.functions.observe([30, 0]).call()[0]
    assert (new - old) // 30 == pool.functions.slot0().call()[1]
