"""Effects of the market on the vault, with real pools, a real lender and failing feeds.

Each problem: what is refused and how, what continues, and that the same call succeeds once it is
over. The target of L3 is 40 % WETH, 30 % HYD and 30 % of a fund.
"""

from __future__ import annotations

from decimal import Decimal
from enum import IntEnum

import pytest
from web3.types import TxReceipt

from scripts.deployment.local import KEEPER
from scripts.deployment.vault.local import HEARTBEAT_SECONDS
from scripts.network.accounts import test_account
from tests.fork.actors import DEPOSITOR, Treasury
from tests.fork.market import Market

UNIT = 10**6  # units of USDT
DEPOSIT = 1_000_000 * UNIT
L3 = {"WETH": 100_000 * UNIT, "HYD": 200_000 * UNIT, "CREDIT": 200_000 * UNIT}
TARGETS = {"WETH": 4000, "HYD": 3000, "CREDIT": 3000}
VALUE = 8  # index in a position
WETH_POOL, WETH_PRICE = "WETH/USDT", Decimal(3000)
KEEPER_ACCOUNT = test_account(KEEPER).address
NEAR_BPS = 60  # fees and slippage of a run, in basis points of the portfolio


class Reason(IntEnum):
    """Some of the contracts' reasons for a skipped run, by number."""

    CoolDown = 2
    InsideDrift = 3
    StalePrice = 4
    SpotOffOracle = 5


class Mode(IntEnum):
    """Modes of a run: by anybody, or by a keeper."""

    Open = 0
    Keeper = 2


@pytest.fixture
def drifted(market: Market, treasury: Treasury) -> Treasury:
    """A vault whose L3 has too little WETH."""
    assert market.chain.addresses.pools[WETH_POOL].base == "WETH"
    treasury.deposit(DEPOSIT)
    for symbol, amount in L3.items():
        asset = treasury.deployment.config.address(symbol)
        treasury.keep("purchaseAsset", asset, amount, 1, b"")
    return treasury


def by_anybody(treasury: Treasury) -> TxReceipt:
    return treasury.send(DEPOSITOR, treasury.contract("PortfolioL3"), "rebalance", False)


def by_keeper(treasury: Treasury, **least: int) -> TxReceipt:
    swaps = [
        (treasury.deployment.config.address(symbol), least.get(symbol, 1), b"") for symbol in L3
    ]
    return treasury.send(KEEPER_ACCOUNT, treasury.contract("WeightJudgeL3"), "reweigh", swaps)


def buy_weth(treasury: Treasury) -> TxReceipt:
    asset = treasury.deployment.config.address("WETH")
    return treasury.keep("purchaseAsset", asset, 50_000 * UNIT, 1, b"")


def weights(treasury: Treasury) -> dict[str, int]:
    """Return the weights of L3 in basis points."""
    values = [each[VALUE] for each in treasury.read("PortfolioL3", "positions")]
    return {symbol: value * 10_000 // sum(values) for symbol, value in zip(L3, values, strict=True)}


def are_balanced(treasury: Treasury) -> bool:
    actual = weights(treasury)
    return all(abs(actual[symbol] - target) <= NEAR_BPS for symbol, target in TARGETS.items())


def skipped(treasury: Treasury, receipt: TxReceipt) -> Reason:
    return Reason(treasury.event(receipt, "WeightJudgeL3", "RebalanceSkipped")["reason"])


def request_redemption(treasury: Treasury, assets: int) -> int:
    """Request a redemption of shares worth `assets`; return the request's id."""
    vault, queue = treasury.contract("LiquidityVault"), treasury.contract("RedemptionQueue")
    shares = vault.functions.convertToShares(assets).call()
    receipt = treasury.send(DEPOSITOR, queue, "requestRedeem", shares, DEPOSITOR, DEPOSITOR)
    return treasury.event(receipt, "RedemptionQueue", "RedeemRequest")["requestId"]


def fulfil(treasury: Treasury) -> TxReceipt:
    return treasury.send(DEPOSITOR, treasury.contract("RedemptionQueue"), "fulfil", 2**256 - 1)


def cash_of_depositor(treasury: Treasury) -> int:
    return treasury.token("USDT").functions.balanceOf(DEPOSITOR).call()


def test_weights__run_by_anybody__reaches_the_targets_on_real_pools(
    drifted: Treasury, market: Market
) -> None:
    before = drifted.tiers()
    event = drifted.event(by_anybody(drifted), "WeightJudgeL3", "Rebalanced")
    assert (event["caller"], event["mode"]) == (DEPOSITOR, Mode.Open)
    assert 198_000 * UNIT <= event["turnover"] <= 202_000 * UNIT
    assert 0 < event["lost"] < before[2] * 30 // 10_000
    assert are_balanced(drifted)
    assert drifted.tiers()[0] == before[0] + event["returned"]
    assert skipped(drifted, by_anybody(drifted)) is Reason.CoolDown
    market.chain.set_time(market.chain.timestamp() + 3600)
    assert skipped(drifted, by_anybody(drifted)) is Reason.InsideDrift


def test_weights__run_by_a_keeper__keeps_to_the_keepers_minimum(
    drifted: Treasury,
) -> None:
    ether = 10**18
    expected = 100_000 * ether // 3000
    with drifted.refused("UniswapV3Venue", "UniswapV3Venue_InsufficientOutput"):
        by_keeper(drifted, WETH=expected)
    receipt = by_keeper(drifted, WETH=expected * 99 // 100)
    event = drifted.event(receipt, "WeightJudgeL3", "Rebalanced")
    assert (event["caller"], event["mode"]) == (KEEPER_ACCOUNT, Mode.Keeper)
    assert are_balanced(drifted)


def test_weights__reweigh_by_a_stranger__is_refused(drifted: Treasury) -> None:
    judge = drifted.contract("WeightJudgeL3")
    with drifted.refused("WeightRebalancerL3", "WeightRebalancer_NotKeeper", DEPOSITOR.lower()):
        drifted.send(DEPOSITOR, judge, "reweigh", [])


def test_thin_pool__oracles_bound__refuses_every_trade_until_liquidity_is_back(
    drifted: Treasury, market: Market
) -> None:
    asset = drifted.deployment.config.address("WETH")
    before = weights(drifted)
    with market.thin(WETH_POOL, kept_per_mille=10):
        with drifted.refused("UniswapV3Venue", "UniswapV3Venue_InsufficientOutput", asset.lower()):
            by_anybody(drifted)
        with drifted.refused("UniswapV3Venue", "UniswapV3Venue_InsufficientOutput", asset.lower()):
            by_keeper(drifted)
        with drifted.refused("PortfolioL3", "Portfolio_BelowFloor", asset.lower()):
            drifted.keep("purchaseAsset", asset, 100_000 * UNIT, 1, b"")
        assert weights(drifted) == before
    by_anybody(drifted)
    assert are_balanced(drifted)
    buy_weth(drifted)


def test_empty_pool__without_a_price__is_skipped_until_liquidity_is_back(
    drifted: Treasury, market: Market
) -> None:
    with market.thin(WETH_POOL, kept_per_mille=0):
        assert skipped(drifted, by_anybody(drifted)) is Reason.SpotOffOracle
    by_anybody(drifted)
    assert are_balanced(drifted)


def test_thin_pool__waterfall__leaves_the_asset_out_and_says_why(
    drifted: Treasury, market: Market
) -> None:
    asset = drifted.deployment.config.address("WETH")
    idle = drifted.tiers()[0]
    with market.thin(WETH_POOL, kept_per_mille=10):
        receipt = drifted.keep("executeWaterfallLiquidation", idle + 100_000 * UNIT, 2)
        event = drifted.event(receipt, "AssetController", "SourceSkipped")
        assert event["asset"] == asset
        refusal = drifted.selector("PortfolioL3", "Portfolio_BelowFloor")
        assert bytes(event["reason"])[:4] == refusal
    # The other two sources gave it.
    assert drifted.tiers()[0] >= idle + 99_000 * UNIT
    held = drifted.read("PortfolioL3", "valueOf", asset)
    drifted.keep("executeWaterfallLiquidation", drifted.tiers()[0] + 50_000 * UNIT, 2)
    assert drifted.read("PortfolioL3", "valueOf", asset) < held


@pytest.mark.parametrize("moved", [Decimal(3150), Decimal(2850)])
def test_manipulated_pool__run_by_anybody__is_skipped_until_arbitrage(
    drifted: Treasury, market: Market, moved: Decimal
) -> None:
    before = weights(drifted)
    with market.manipulated(WETH_POOL, WETH_PRICE, moved):
        assert skipped(drifted, by_anybody(drifted)) is Reason.SpotOffOracle
        assert weights(drifted) == before
    by_anybody(drifted)
    assert are_balanced(drifted)


def test_manipulated_pool__keeper__meets_the_oracles_floor_until_arbitrage(
    drifted: Treasury, market: Market
) -> None:
    asset = drifted.deployment.config.address("WETH")
    with market.manipulated(WETH_POOL, WETH_PRICE, WETH_PRICE * Decimal("1.05")):
        with drifted.refused("UniswapV3Venue", "UniswapV3Venue_InsufficientOutput", asset.lower()):
            by_keeper(drifted)
        with drifted.refused("PortfolioL3", "Portfolio_BelowFloor", asset.lower()):
            buy_weth(drifted)
    by_keeper(drifted)
    assert are_balanced(drifted)
    buy_weth(drifted)


def test_depegged_settlement__everything_priced__waits_for_the_feed(
    drifted: Treasury, market: Market
) -> None:
    settlement = drifted.deployment.config.address("USDT")
    vault = drifted.contract("LiquidityVault")
    outside = ("PriceOracle", "PriceOracle_PriceOutOfBounds", settlement.lower())
    with market.quoted("USDT", Decimal(1), Decimal("0.94")):
        assert skipped(drifted, by_anybody(drifted)) is Reason.StalePrice
        with drifted.refused("WeightJudgeL3", "Rebalance_Refused", Reason.StalePrice):
            by_keeper(drifted)
        with drifted.refused(*outside):
            buy_weth(drifted)
        with drifted.refused(*outside):
            drifted.send(DEPOSITOR, vault, "withdraw", 1, DEPOSITOR, DEPOSITOR)
        assert drifted.read("LiquidityVault", "maxDeposit", DEPOSITOR) == 0
    by_anybody(drifted)
    assert are_balanced(drifted)
    buy_weth(drifted)
    drifted.send(DEPOSITOR, vault, "withdraw", 1, DEPOSITOR, DEPOSITOR)


def test_stale_feed__book_requests_and_exits__go_on(drifted: Treasury, market: Market) -> None:
    lender = drifted.deployment.config.address("AAVE-USDT")
    drifted.keep("purchaseAsset", lender, 200_000 * UNIT, 1, b"")
    drifted.keep("sync")
    (idle, _, third), _ = drifted.read("AssetController", "bookValues")
    weth = drifted.deployment.config.address("WETH")
    with market.silent(HEARTBEAT_SECONDS + 1):
        # L2 is at the lender's value, L3 at the book's value.
        second = drifted.read("PortfolioL2", "value")
        assert drifted.read("AssetController", "valuation") == [second + third, False]
        assert drifted.read("LiquidityVault", "totalAssets") == idle + second + third
        assert skipped(drifted, by_anybody(drifted)) is Reason.StalePrice
        stale = ("PriceOracle", "PriceOracle_StalePrice")
        with drifted.refused(*stale):
            drifted.keep("purchaseAsset", weth, UNIT, 1, b"")
        with drifted.refused(*stale):
            drifted.send(
                DEPOSITOR, drifted.contract("LiquidityVault"), "withdraw", 1, DEPOSITOR, DEPOSITOR
            )
        request = request_redemption(drifted, 150_000 * UNIT)
        with drifted.refused(*stale):
            fulfil(drifted)
        drifted.keep("allocateToLayer", 0, 100_000 * UNIT)
        assert drifted.read("LiquidityVault", "idle") >= idle + 99_999 * UNIT
    fulfil(drifted)
    queue = drifted.contract("RedemptionQueue")
    drifted.send(DEPOSITOR, queue, "claim", request, DEPOSITOR, DEPOSITOR)
    assert cash_of_depositor(drifted) >= 149_000 * UNIT
    assert drifted.read("RedemptionQueue", "pendingShares") == 0
    drifted.keep("purchaseAsset", weth, UNIT, 1, b"")
    by_anybody(drifted)
    assert are_balanced(drifted)


def test_redemption_queue__larger_than_the_cash__is_paid_by_the_waterfall(
    drifted: Treasury,
) -> None:
    vault = drifted.contract("LiquidityVault")
    idle = drifted.tiers()[0]
    wanted = 700_000 * UNIT
    request = request_redemption(drifted, wanted)
    with drifted.refused("LiquidityVault", "ERC4626ExceededMaxWithdraw", DEPOSITOR.lower()):
        drifted.send(DEPOSITOR, vault, "withdraw", UNIT, DEPOSITOR, DEPOSITOR)
    first = drifted.event(fulfil(drifted), "RedemptionQueue", "BatchFulfilled")
    assert abs(first["assets"] - idle) <= 1
    drifted.keep("executeWaterfallLiquidation", wanted - idle, 2)
    fulfil(drifted)
    while drifted.read("RedemptionQueue", "pendingShares") > 0:
        drifted.keep("executeWaterfallLiquidation", 10_000 * UNIT, 2)
        fulfil(drifted)
    queue = drifted.contract("RedemptionQueue")
    drifted.send(DEPOSITOR, queue, "claim", request, DEPOSITOR, DEPOSITOR)
    # Only the slippage of the sales is missing.
    assert wanted * 995 // 1000 <= cash_of_depositor(drifted) <= wanted
    assert drifted.read("LiquidityVault", "balanceOf", queue.address) == 0
