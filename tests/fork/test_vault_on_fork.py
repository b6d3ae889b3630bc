"""The vault with real protocols on a fork: deposits, holdings, waterfall, refusals."""

from __future__ import annotations

import pytest
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD

from scripts.deployment.configure import all_differences
from scripts.deployment.vault.parts import HoldingKind
from tests.fork.actors import DEPOSITOR, Treasury

UNIT = 10**6  # units of USDT
DEPOSIT = 1_000_000 * UNIT
BALANCE = 7  # index in a position
ROUNDING = 5  # base units; Aave's scaled balances and share prices each round by one or two

INTEREST = (
    20_000  # base units; 100,000 USDT earn less in a minute, and blocks of a fork have clocks
)


def off_by_at_most(tolerance: int, actual: int, expected: int) -> bool:
    return abs(actual - expected) <= tolerance


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
    assert off_by_at_most(ROUNDING, held[1], 100_000 * UNIT)
    shares = treasury.read("PortfolioL2", "positions")[0][BALANCE]
    treasury.keep("redeemAsset", fund, shares, 99_999 * UNIT, b"")
    assert -ROUNDING <= treasury.tiers()[0] - DEPOSIT <= INTEREST


def test_purchase__real_pool__is_worth_what_the_feed_says(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    treasury.keep("purchaseAsset", asset, 50_000 * UNIT, 1, b"")
    # The holding's bound is 2 % against the feed; the pool's fee and impact are within it.
    assert off_by_at_most(1_000 * UNIT, treasury.tiers()[2], 50_000 * UNIT)


def test_purchase__minimum_output_not_met__refuses_and_moves_nothing(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    with pytest.raises(ContractCustomError):
        treasury.keep("purchaseAsset", asset, 50_000 * UNIT, 2**255, b"")
    assert treasury.tiers() == [DEPOSIT, 0, 0]


def test_waterfall__from_both_tiers__stops_at_the_need_less_slippage(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    fund = treasury.deployment.config.address(treasury.holding(HoldingKind.ERC4626).asset)
    asset = treasury.deployment.config.address(treasury.holding(HoldingKind.VENUE).asset)
    treasury.keep("purchaseAsset", fund, 300_000 * UNIT, 1, b"")
    treasury.keep("purchaseAsset", asset, 200_000 * UNIT, 1, b"")
    receipt = treasury.keep("executeWaterfallLiquidation", 850_000 * UNIT, 2)
    idle, l2, l3 = treasury.tiers()
    # 500,000 were idle and 300,000 in L2; the last 50,000 are sold within the holding's 2 %.
    assert 849_000 * UNIT <= idle <= 850_000 * UNIT
    assert l2 <= ROUNDING
    assert 140_000 * UNIT < l3 < 151_000 * UNIT
    events = treasury.contract("AssetController").events.WaterfallExecuted()
    (event,) = events.process_receipt(receipt, errors=DISCARD)
    assert (event["args"]["needed"], event["args"]["available"]) == (850_000 * UNIT, idle)


def test_redemption__up_to_l1__pays_the_depositor(treasury: Treasury) -> None:
    treasury.deposit(DEPOSIT)
    vault = treasury.contract("LiquidityVault")
    treasury.send(DEPOSITOR, vault, "withdraw", 400_000 * UNIT, DEPOSITOR, DEPOSITOR)
    settlement = treasury.token(treasury.deployment.config.vault.settlement)
    assert settlement.functions.balanceOf(DEPOSITOR).call() == 400_000 * UNIT
