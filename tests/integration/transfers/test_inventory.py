"""Inventory checks on three real chains: a chain with too little is brought exactly to its base."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import pytest

from keepers.model.batch import BatchState
from keepers.model.transfer import DONE
from keepers.runtime.treasury.single_pass import TreasuryPass, treasury_pass
from scripts.network.bridging.faults import down
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.treasuries import (
    ARBITRUM,
    ETHEREUM,
    OPTIMISM,
    Treasuries,
)

BASE = 100_000


def look(keeper: TreasuryKeeper, *, arm: bool = True) -> TreasuryPass:
    """Run one pass of the keeper."""
    return asyncio.run(treasury_pass(keeper.settings, arm=arm, progress=print))


def hold(treasuries: Treasuries, asset: str, whole: Mapping[str, int]) -> None:
    """Set idle balances in whole tokens."""
    for chain, amount in whole.items():
        treasuries.funds(chain, asset, amount * 10 ** treasuries.decimals(chain, asset))


def held(treasuries: Treasuries, asset: str, chain: str) -> int:
    """Return the idle balance in millionths of a token."""
    decimals = treasuries.decimals(chain, asset)
    return treasuries.balance(chain, asset) * 10**6 // 10**decimals


@pytest.mark.parametrize("asset", ["USDC", "USDT"])
@pytest.mark.parametrize("needy", [ARBITRUM, OPTIMISM])
def test_check__two_sources_bring_one_chain_to_its_base(
    keeper: TreasuryKeeper, asset: str, needy: str
) -> None:
    treasuries = keeper.treasuries
    other = OPTIMISM if needy == ARBITRUM else ARBITRUM
    hold(treasuries, asset, {needy: 40_000, ETHEREUM: 145_000, other: 130_000})
    before = treasuries.books(asset).total
    keeper.settle()
    assert held(treasuries, asset, needy) == BASE * 10**6
    for source in (ETHEREUM, other):
        assert held(treasuries, asset, source) >= BASE * 10**6
    assert treasuries.books(asset).total == before
    made = keeper.transfers()
    assert {each.terms.asset for each in made} == {asset}
    assert {each.position for each in made} == {DONE}
    assert len(made) == 2


def test_check__both_assets_at_once__each_by_its_own_bridge(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    for asset in ("USDC", "USDT"):
        hold(treasuries, asset, {ARBITRUM: 50_000, ETHEREUM: 140_000, OPTIMISM: 140_000})
    keeper.settle()
    for asset in ("USDC", "USDT"):
        assert held(treasuries, asset, ARBITRUM) == BASE * 10**6
    routes = {(each.terms.asset, each.terms.route) for each in keeper.transfers()}
    assert routes == {("USDC", "CCTP"), ("USDT", "OFT")}


def test_check__first_bridge_cannot_be_asked__a_fallback_carries_after_patience(
    keeper: TreasuryKeeper,
) -> None:
    treasuries = keeper.treasuries
    keeper.configure(base="80000")
    hold(treasuries, "USDC", {ARBITRUM: 40_000, ETHEREUM: 170_000, OPTIMISM: 80_000})
    treasuries.bridges.attestation.when("burn", down())
    (left,) = look(keeper).leftovers
    assert "a fallback, used from" in left.text
    assert not keeper.transfers()
    keeper.pass_time(timedelta(minutes=31))
    keeper.settle()
    assert held(treasuries, "USDC", ARBITRUM) == 80_000 * 10**6
    (record,) = keeper.transfers()
    assert record.terms.route in {"EXCHANGE", "CUSTODIAN"}


def test_check__again_and_again_while_under_way__is_one_rebalance(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 40_000, ETHEREUM: 145_000, OPTIMISM: 130_000})
    treasuries.bridges.switches.attestations = True
    for _ in range(3):
        look(keeper)
    assert len(keeper.transfers()) == 2
    treasuries.bridges.switches.attestations = False
    keeper.settle()
    assert len(keeper.transfers()) == 2
    assert held(treasuries, "USDC", ARBITRUM) == BASE * 10**6


def test_check__too_little_anywhere__moves_nothing_in_part(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 10_000, ETHEREUM: 120_000, OPTIMISM: 110_000})
    done = look(keeper)
    assert not done.under_way
    assert not keeper.transfers()


def test_check__not_armed__tells_and_sends_nothing(keeper: TreasuryKeeper) -> None:
    treasuries = keeper.treasuries
    hold(treasuries, "USDC", {ARBITRUM: 50_000, ETHEREUM: 160_000})
    (batch,) = look(keeper, arm=False).batches
    assert batch.state is BatchState.DRY_RUN
    assert not keeper.transfers()
    assert held(treasuries, "USDC", ARBITRUM) == 50_000 * 10**6
