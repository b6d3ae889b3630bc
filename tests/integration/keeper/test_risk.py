"""Inputs of the risk check, read from real feeds, a real money market and real pools."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, cast

from keepers.chain.vault.feeds import CoinPrice, FeedReader
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import load_settings
from keepers.model.order import Order, OrderKind
from keepers.model.tier_config import Tier
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.gain import GAS, known_yields
from keepers.runs.tiers.quotes import Indexed, quoted
from keepers.runtime.vault.setup import connected, set_up
from keepers.store.database import open_database
from keepers.store.yields import YieldRepository
from scripts.network.market import accrue, pay_yield, set_feed, set_price
from tests.integration.support.deploy import KEEPER_ACCOUNT, USDT
from tests.integration.support.keeper import Keeper

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@asynccontextmanager
async def chain_of(keeper: Keeper) -> AsyncGenerator[VaultChain]:
    setup = set_up(load_settings(keeper.folder / "ballast.toml"), None)
    async with connected(setup, KEEPER_ACCOUNT.address) as chain:
        yield chain


async def moves(keeper: Keeper) -> tuple[dict[str, Fraction], Fraction | None]:
    async with chain_of(keeper) as chain:
        snapshot = await chain.snapshot()
        coin = CoinPrice(feed=keeper.vault.chain.addresses.feeds["WETH"])
        reader = FeedReader(chain.node, chain.addresses, coin)
        found = await reader.surroundings(snapshot, snapshot.positions, snapshot.at - HOUR)
        assert all(each.reaches for each in found.feeds)
        return {each.symbol: each.move_bps for each in found.feeds}, found.coin_price


async def test_feeds__price_moved_within_the_hour__is_seen_and_later_forgotten(
    keeper: Keeper,
) -> None:
    chain = keeper.vault.chain
    accrue(chain, 7_200)
    calm, coin = await moves(keeper)
    assert calm == {"USDT": 0, "WETH": 0, "HYD": 0}
    assert coin == Fraction(3_000 * USDT, 10**18)
    set_price(chain, "WETH", Decimal(3_300))
    set_feed(chain, "WETH", Decimal(3_000))
    jumped, _ = await moves(keeper)
    assert jumped["WETH"] == 1_000
    accrue(chain, 3_601)
    assert (await moves(keeper))[0]["WETH"] == 0


async def test_feeds__many_rounds_in_the_hour__are_walked_through(keeper: Keeper) -> None:
    chain = keeper.vault.chain
    accrue(chain, 7_200)
    for step in range(30):
        set_feed(chain, "HYD", Decimal(100) + Decimal(step) / 10)
    before = (await moves(keeper))[0]["HYD"]
    # From 100, the price before the hour and in the first of these rounds, to 102.9.
    assert before == 290


async def test_yields__of_a_money_market_and_a_fund__are_what_they_paid(keeper: Keeper) -> None:
    assert keeper.rebalance().status == 0
    ledger = open_database(f"sqlite:///{keeper.folder / 'ballast.sqlite'}")
    memory = YieldRepository(ledger)
    async with chain_of(keeper) as chain:
        first = await chain.snapshot()
        assert known_yields(memory, first) == {}
        accrue(keeper.vault.chain, 10 * int(DAY.total_seconds()))
        pay_yield(keeper.vault.chain, "TBILL", 1_000 * USDT)
        last = await chain.snapshot()
        found = known_yields(memory, last)
    ledger.close()
    positions = {each.symbol: each for each in last.positions}
    before = {each.symbol: each for each in first.positions}
    assert set(found) == {positions[name].asset for name in ("AAVE-USDT", "TBILL", "CREDIT")}
    assert found[positions["CREDIT"].asset].earned == 0
    for name in ("AAVE-USDT", "TBILL"):
        earned = found[positions[name].asset].earned
        assert earned > 0
        assert earned == Fraction(positions[name].value, before[name].value) - 1
    assert 0 < found[positions["AAVE-USDT"].asset].yearly_bps < 3_000


async def test_impact__of_a_real_pool__grows_with_the_trade(keeper: Keeper) -> None:
    async with chain_of(keeper) as chain:
        snapshot = await chain.snapshot()
        (weth,) = (each for each in snapshot.positions if each.symbol == "WETH")
        world = cast("TierRunDependencies", Bare(VaultMarket(chain.node, chain.addresses)))
        impacts: list[Fraction] = []
        for whole in (1_000, 100_000, 3_000_000):
            order = Indexed(0, purchase("WETH", whole * USDT), weth)
            found = await quoted(world, [order], [whole * USDT], snapshot.block_number)
            impact = found[0].impact_bps
            assert impact is not None
            impacts.append(impact)
    assert 0 <= impacts[0] < impacts[1] < impacts[2]
    assert impacts[0] < 20
    assert impacts[2] > 100


class Bare:
    """Run dependencies with only a market."""

    def __init__(self, market: Any) -> None:
        self.market = market


def purchase(symbol: str, amount: int) -> Order:
    return Order(
        kind=OrderKind.PURCHASE,
        asset=symbol,
        tier=Tier.L3,
        method="SWAP",
        amount=amount,
        quantity=None,
        priority=3,
        leg=0,
        reason="",
    )


def test_gas__of_real_actions__is_about_what_is_estimated(keeper: Keeper) -> None:
    assert keeper.rebalance().status == 0
    (run,) = keeper.runs()
    (transaction,) = run.transactions
    assert transaction.inclusion is not None
    used = transaction.inclusion.gas_used // len(run.steps)
    assert GAS // 3 < used <= GAS
