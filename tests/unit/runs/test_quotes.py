"""Tests of quotes: of two trades in one pool, the second is quoted after the first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import cast

import pytest

from keepers.model.order import Order, OrderKind, Quote, QuoteRequest
from keepers.model.ports import Market
from keepers.model.tier_config import Tier
from keepers.model.vault import HoldingKind, VaultPosition
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.quotes import Indexed, quoted

POOL = 1_000_000


class ThinPool:
    """Constant-product pool with two equal reserves."""

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        del block
        return tuple(
            Quote(each.amount_in, out_of(each.amount_in), each.amount_in) for each in requests
        )


def out_of(amount: int) -> int:
    return POOL * amount // (POOL + amount)


def trade(index: int, kind: OrderKind, priority: int, holding: HoldingKind) -> Indexed:
    order = Order(
        kind=kind,
        asset="X",
        tier=Tier.L2,
        method="SWAP",
        amount=1,
        quantity=None,
        priority=priority,
        leg=0,
        reason="",
    )
    position = VaultPosition(
        tier=1,
        asset="0xX",
        symbol="X",
        decimals=6,
        kind=holding,
        venue="0xvenue",
        target_bps=10_000,
        maximum_loss_bps=200,
        cap_bps=10_000,
        balance=1,
        value=1,
    )
    return Indexed(index, order, position)


@pytest.mark.parametrize("kind", list(OrderKind))
async def test_quoted__two_trades_in_a_thin_pool__second_counts_the_firsts_impact(
    ports: TierRunDependencies, kind: OrderKind
) -> None:
    thin = replace(ports, market=cast("Market", ThinPool()))
    # Listed in reverse order: the trade that runs first is quoted first.
    trades = [trade(1, kind, 2, HoldingKind.VENUE), trade(0, kind, 1, HoldingKind.VENUE)]
    found = await quoted(thin, trades, [300_000, 100_000], 7)
    assert found[0].quote == Quote(100_000, out_of(100_000), 100_000)
    assert found[1].quote == Quote(300_000, out_of(400_000) - out_of(100_000), 300_000)
    assert found[1].quote.out < out_of(300_000)


async def test_quoted__fund__has_one_rate_for_all(ports: TierRunDependencies) -> None:
    thin = replace(ports, market=cast("Market", ThinPool()))
    trades = [trade(index, OrderKind.SALE, 1, HoldingKind.ERC4626) for index in (0, 1)]
    found = await quoted(thin, trades, [10, 10], 7)
    assert found[0] == found[1]


async def test_quoted__swap__says_how_far_it_moves_the_price(ports: TierRunDependencies) -> None:
    thin = replace(ports, market=cast("Market", ThinPool()))
    sale = trade(0, OrderKind.SALE, 1, HoldingKind.VENUE)
    (found,) = (await quoted(thin, [sale], [200_000], 7)).values()
    # A fifth of the pool brings 1 / 1.2 per unit, the probe of 200 almost 1.
    probe = Fraction(out_of(200), 200)
    assert found.impact_bps == (1 - Fraction(out_of(200_000), 200_000) / probe) * 10_000
    assert found.impact_bps is not None
    assert 1_600 < found.impact_bps < 1_700


async def test_quoted__second_trade_in_the_pool__has_moved_it_further(
    ports: TierRunDependencies,
) -> None:
    thin = replace(ports, market=cast("Market", ThinPool()))
    trades = [trade(index, OrderKind.SALE, 1, HoldingKind.VENUE) for index in (0, 1)]
    found = await quoted(thin, trades, [200_000, 200_000], 7)
    first, second = found[0].impact_bps, found[1].impact_bps
    assert first is not None
    assert second is not None
    assert second > first


async def test_quoted__fund_or_too_little_to_probe__has_no_impact(
    ports: TierRunDependencies,
) -> None:
    thin = replace(ports, market=cast("Market", ThinPool()))
    fund = trade(0, OrderKind.SALE, 1, HoldingKind.ERC4626)
    dust = trade(1, OrderKind.PURCHASE, 1, HoldingKind.VENUE)
    found = await quoted(thin, [fund, dust], [200_000, 1], 7)
    assert found[0].impact_bps is None
    assert found[1].impact_bps is None


class Counting(ThinPool):
    """Pool that counts requests."""

    def __init__(self) -> None:
        self.made = 0

    async def quotes(self, requests: Sequence[QuoteRequest], block: int) -> tuple[Quote, ...]:
        self.made += 1
        return await super().quotes(requests, block)


async def test_quoted__probes__go_along_in_the_same_request(ports: TierRunDependencies) -> None:
    market = Counting()
    thin = replace(ports, market=cast("Market", market))
    trades = [trade(index, OrderKind.SALE, 1, HoldingKind.VENUE) for index in range(5)]
    await quoted(thin, trades, [10_000] * 5, 7)
    assert market.made == 1
