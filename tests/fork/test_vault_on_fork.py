"""The vault with real protocols on a fork: deposits, both kinds of holdings, waterfall, refusals."""

from __future__ import annotations

import pytest
from web3.exceptions import ContractCustomError

from scripts.deployment.config import HoldingKind
from scripts.deployment.configurer import all_differences
from tests.fork.actors import DEPOSITOR, Treasury

UNIT = 10**6  # of USDT
DEPOSIT = 1_000_000 * UNIT


def test_deployment__on_the_fork__is_as_intended(treasury: Treasury) -> None:
    assert list(all_differences(treasury.deployment)) == []


def test_deposit__real_settlement_token__lands_in_l1(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    assert treasury.tiers() == [DEPOSIT, 0, 0]
    assert treasury.read("LiquidityVault", "totalAssets") == DEPOSIT


def test_purchase_and_redeem__money_market__returns_the_amount(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    fund = treasury.deployment.config.address(treasury.holding(HoldingKind.ERC4626).asset)
    treasury.keep("purchaseAsset", fund, 100_000 * UNIT, 1, b"")
    held = treasury.tiers()
    assert held[0] == 900_000 * UNIT
    assert held[1] == pytest.approx(100_000 * UNIT, abs=5)
    shares = treasury.read("PortfolioL2", "positions")[0][5]
    treasury.keep("redeemAsset", fund, shares, 99_999 * UNIT, b"")
    assert treasury.tiers()[0] == pytest.approx(DEPOSIT, abs=5)


def test_purchase__real_pool__is_worth_what_the_feed_says(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    treasury.keep("purchaseAsset", asset, 50_000 * UNIT, 1, b"")
    # The holding's own bound is 2 % against the feed; the pool's fee and impact are within it.
    assert treasury.tiers()[2] == pytest.approx(50_000 * UNIT, rel=0.02)


def test_purchase__minimum_output_not_met__refuses_and_moves_nothing(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    with pytest.raises(ContractCustomError):
        treasury.keep("purchaseAsset", asset, 50_000 * UNIT, 2**255, b"")
    assert treasury.tiers() == [DEPOSIT, 0, 0]


def test_waterfall__from_both_tiers__reports_what_is_available(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    fund = treasury.deployment.config.address(treasury.holding(HoldingKind.ERC4626).asset)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    treasury.keep("purchaseAsset", fund, 300_000 * UNIT, 1, b"")
    treasury.keep("purchaseAsset", asset, 200_000 * UNIT, 1, b"")
    treasury.keep("executeWaterfallLiquidation", 850_000 * UNIT, 2)
    idle, l2, l3 = treasury.tiers()
    assert idle >= 850_000 * UNIT
    assert l2 <= 5
    assert 0 < l3 < 200_000 * UNIT


def test_redemption__up_to_l1__pays_the_depositor(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    vault = treasury.contract("LiquidityVault")
    treasury.send(DEPOSITOR, vault, "withdraw", 400_000 * UNIT, DEPOSITOR, DEPOSITOR)
    settlement = treasury.token(treasury.deployment.config.vault.settlement)
    assert settlement.functions.balanceOf(DEPOSITOR).call() == 400_000 * UNIT
