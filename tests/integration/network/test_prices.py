"""Prices: feeds and pools take the prices that are set, and feeds become stale."""

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import pytest
from web3.exceptions import ContractCustomError

from scripts.network import LocalChain
from scripts.network.market import (
    accrue,
    feed_price,
    move_pool,
    pool_price,
    set_feed,
    set_price,
    set_sequencer,
)

ONE_BP = Fraction(1, 10_000)
HOUR = 3_600


def _age(chain: LocalChain, symbol: str) -> int:
    return chain.timestamp() - chain.feed(symbol).functions.latestRoundData().call()[3]


def _off(chain: LocalChain, pair: str, price: Decimal) -> Fraction:
    return abs(pool_price(chain, pair) / Fraction(price) - 1)


# Half, double, and beyond the deep position, which ends at a quarter and four times the price.
@pytest.mark.parametrize("price", ["1500", "2999.99", "3000", "6000", "400", "20000"])
def test_set_price__ether__moves_feed_and_both_pools(
    chains: Mapping[str, LocalChain], price: str
) -> None:
    for chain in chains.values():
        set_price(chain, "WETH", Decimal(price))
        assert feed_price(chain, "WETH") == Decimal(price)
        assert _off(chain, "WETH/USDT", Decimal(price)) < ONE_BP
        assert _off(chain, "WETH/USDC", Decimal(price)) < ONE_BP


def test_set_price__settlement_token_off_its_peg__moves_every_pool_against_it(
    chain: LocalChain,
) -> None:
    set_price(chain, "USDT", Decimal("0.98"))
    assert _off(chain, "HYD/USDT", 100 / Decimal("0.98")) < ONE_BP
    assert _off(chain, "USDC/USDT", 1 / Decimal("0.98")) < ONE_BP
    assert _off(chain, "WETH/USDC", Decimal(3_000)) < ONE_BP


def test_move_pool__alone__leaves_the_feed(chain: LocalChain) -> None:
    move_pool(chain, "HYD/USDT", Decimal(90))
    assert _off(chain, "HYD/USDT", Decimal(90)) < ONE_BP
    assert feed_price(chain, "HYD") == 100


def test_feed__nothing_written__goes_stale(chain: LocalChain) -> None:
    chain.set_time(chain.timestamp() + HOUR)
    assert _age(chain, "WETH") >= HOUR


def test_set_feed__with_a_time__is_as_old_as_told(chain: LocalChain) -> None:
    set_feed(chain, "HYD", Decimal("99.5"), updated_at=chain.timestamp() - 2 * HOUR)
    assert _age(chain, "HYD") >= 2 * HOUR
    assert feed_price(chain, "HYD") == Decimal("99.5")


@pytest.mark.parametrize("price", ["0", "-1"])
def test_set_feed__bad_price__is_taken(chain: LocalChain, price: str) -> None:
    set_feed(chain, "HYD", Decimal(price))
    assert feed_price(chain, "HYD") == Decimal(price)


def test_accrue__a_month__leaves_feeds_fresh(chain: LocalChain) -> None:
    before = chain.timestamp()
    accrue(chain, 30 * 24 * HOUR)
    assert chain.timestamp() - before >= 30 * 24 * HOUR
    assert _age(chain, "WETH") < 60


def test_feed__rounds__are_kept_and_unknown_ones_revert(chain: LocalChain) -> None:
    feed = chain.feed("HYD").functions
    newest = feed.latestRoundData().call()
    set_feed(chain, "HYD", Decimal(101))
    assert feed.getRoundData(newest[0]).call() == newest
    assert feed.latestRoundData().call()[0] == newest[0] + 1
    assert (feed.decimals().call(), feed.description().call()) == (8, "HYD / USD")
    with pytest.raises(ContractCustomError):
        feed.getRoundData(newest[0] + 2).call()


def test_sequencer_feed__on_rollups_only__tells_up_and_down(
    chains: Mapping[str, LocalChain],
) -> None:
    arbitrum = chains["arbitrum-local"]
    assert arbitrum.addresses.sequencer_feed is not None
    feed = arbitrum.contract("PriceFeed", arbitrum.addresses.sequencer_feed).functions
    assert feed.latestRoundData().call()[1] == 0
    # It has been up for longer than any grace period.
    assert arbitrum.timestamp() - feed.latestRoundData().call()[2] > HOUR
    set_sequencer(arbitrum, up=False)
    assert feed.latestRoundData().call()[1] == 1
    with pytest.raises(LookupError, match="not a rollup"):
        set_sequencer(chains["ethereum-local"], up=False)
