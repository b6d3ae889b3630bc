// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";

import {WeightJudgeTest} from "./WeightJudgeTest.sol";

/// @title Whole runs of real portfolios: the vault's L3 and a stand-alone basket
/// forge-config: default.isolate = true
contract WeightJudgeRunsTest is WeightJudgeTest {
    /// @dev Rounding of a value: one unit in each trade and in each conversion.
    uint256 private constant ROUNDING = 8;

    function test_run__tier__reachesItsTargets() public {
        _setPrices(3_750e8, BOND_PRICE);
        uint256 cash = usdt.balanceOf(address(vault));
        _runs(l3);
        // 660,000 in total.
        _assertNear(l3.valueOf(address(weth)), 264_000 * USD, ROUNDING, "WETH");
        _assertNear(l3.valueOf(address(bond)), 198_000 * USD, ROUNDING, "bond");
        _assertNear(l3.valueOf(address(fund)), 198_000 * USD, ROUNDING, "fund");
        _assertNear(usdt.balanceOf(address(vault)), cash, ROUNDING, "cash");
        assertEq(usdt.balanceOf(address(l3)), 0, "cash of the tier");
    }

    function test_run__tier__sellsNoMoreThanCanBeBought() public {
        _setPrices(3_750e8, BOND_PRICE);
        fund.setLimit(fund.totalAssets() + 5_000 * USD);
        uint256 cash = usdt.balanceOf(address(vault));
        uint256 total = vault.totalAssets();
        _runs(l3);
        // 36,000 are above target and 23,000 are sold: 18,000 for the bonds, and 5,000 that the fund can take.
        _assertNear(l3.valueOf(address(weth)), 277_000 * USD, ROUNDING, "WETH");
        _assertNear(l3.valueOf(address(bond)), 198_000 * USD, ROUNDING, "bond");
        _assertNear(usdt.balanceOf(address(vault)), cash, ROUNDING, "cash");
        _assertNear(vault.totalAssets(), total, ROUNDING, "nothing was lost");
    }

    function test_reweigh__tier__whatIsLeftGoesHome() public {
        _setPrices(3_750e8, BOND_PRICE);
        fund.setLimit(fund.totalAssets() + 5_000 * USD);
        uint256 cash = usdt.balanceOf(address(vault));
        uint256 total = vault.totalAssets();
        _reweigh(l3, _swaps());
        // The bonds take 18,000 of the 36,000, and the fund takes what it can.
        _assertNear(usdt.balanceOf(address(vault)), cash + 13_000 * USD, ROUNDING, "cash");
        _assertNear(vault.totalAssets(), total, ROUNDING, "nothing was lost");
    }

    function test_run__tier__doesNotSpendWhatWasThere() public {
        usdt.mint(address(l3), 7 * USD);
        _setPrices(3_750e8, BOND_PRICE);
        _runs(l3);
        assertEq(usdt.balanceOf(address(l3)), 7 * USD, "the gift stays");
        assertEq(l3.settlementTargetBps(), 0, "no target");
    }

    function test_run__basket__spendsTheSurplus() public {
        usdt.mint(address(basket), 30_000 * USD);
        _runs(basket);
        // 130,000 in total; only cash was above its target.
        _assertBasket(52_000, 26_000, 39_000, 13_000);
    }

    function test_run__basket__holdsItsGapBack() public {
        basket.release(address(usdt), 10_000 * USD, outsider);
        _setPrices(3_600e8, 80e8);
        fund.setWithdrawalsPaused(true);
        // 48,000 of WETH, 16,000 of bonds and 30,000 of the fund, which cannot be sold: of the proceeds of 10,400 cash
        // keeps its gap of 9,400, and the bonds get the rest.
        _runs(basket);
        _assertBasket(37_600, 17_000, 30_000, 9_400);
    }

    function test_run__forced__tradesInsideTheDrift() public {
        _setPrices(3_100e8, BOND_PRICE);
        _assertSkips(l3, IRebalanceable.Reason.InsideDrift);
        _force(l3);
        _assertNear(l3.valueOf(address(weth)), l3.value() * 4_000 / WHOLE, ROUNDING, "WETH");
        // An immediate second run has nothing to do.
        vm.warp(block.timestamp + 1 hours);
        vm.expectEmit(address(judge));
        emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.NotImproved);
        vm.prank(keeper);
        l3.rebalance(true);
    }

    function test_run__forced__isForKeepers() public {
        vm.expectRevert(_error(IWeightRebalancer.WeightRebalancer_NotKeeper.selector, outsider));
        vm.prank(outsider);
        l3.rebalance(true);
    }

    function test_run__judgeItself__servesCallersToo() public {
        _setPrices(3_750e8, BOND_PRICE);
        vm.prank(outsider);
        judge.rebalance(false);
        assertEq(executor.lastRun(), block.timestamp, "it traded");
    }

    function test_run__askedThePortfolio__chargesWhoAsked() public {
        _setPrices(3_750e8, BOND_PRICE);
        _force(l3);
        _assertNear(executor.available(LimitKeys.automatic(keeper)), AMPLE - 72_000 * USD, ROUNDING, "the keeper");
        assertEq(executor.available(LimitKeys.automatic(address(l3))), AMPLE, "not those of everybody");
        vm.warp(block.timestamp + 1 hours);
        _setPrices(5_000e8, BOND_PRICE);
        _runs(l3);
        assertLe(executor.available(LimitKeys.automatic(address(l3))), AMPLE - 1, "everybody's");
        assertEq(executor.available(LimitKeys.automatic(keeper)), AMPLE, "not the keeper's");
    }

    function test_reweigh__tradesWhatIsNamed() public {
        _setPrices(3_750e8, BOND_PRICE);
        uint256 shares = fund.balanceOf(address(l3));
        uint256 cash = usdt.balanceOf(address(vault));
        IPortfolioWeights.Swap[] memory swaps = new IPortfolioWeights.Swap[](2);
        swaps[0] = IPortfolioWeights.Swap(address(weth), 36_000 * USD - 1, "");
        swaps[1] = IPortfolioWeights.Swap(address(bond), 180e18 - 1e13, "");
        _reweigh(l3, swaps);
        _assertNear(l3.valueOf(address(bond)), 198_000 * USD, ROUNDING, "bond");
        assertEq(fund.balanceOf(address(l3)), shares, "fund");
        _assertNear(usdt.balanceOf(address(vault)), cash + 18_000 * USD, ROUNDING, "the rest went home");
    }

    function test_reweigh__belowTheKeepersMinimum__fails() public {
        _setPrices(3_750e8, BOND_PRICE);
        IPortfolioWeights.Swap[] memory swaps = _swaps();
        swaps[0].minOut = 36_001 * USD;
        vm.expectRevert("minOut");
        vm.prank(keeper);
        judge.reweigh(swaps);
    }

    function test_reweigh__strategyBelowTheKeepersMinimum__fails() public {
        _setPrices(3_750e8, BOND_PRICE);
        IPortfolioWeights.Swap[] memory swaps = _swaps();
        swaps[2].minOut = 18_001 * USD;
        vm.expectPartialRevert(IPortfolio.Portfolio_InsufficientOutput.selector);
        vm.prank(keeper);
        judge.reweigh(swaps);
    }

    function test_run__strategyOverweight__isRedeemed() public {
        _setFund(fund.totalAssets() + 150_000 * USD);
        uint256 before = l3.valueOf(address(fund));
        _runs(l3);
        uint256 total = l3.value();
        assertLe(l3.valueOf(address(fund)), before - 1, "redeemed");
        _assertNear(l3.valueOf(address(fund)), total * 3_000 / WHOLE, 2 * ROUNDING, "fund");
        _assertNear(l3.valueOf(address(weth)), total * 4_000 / WHOLE, 2 * ROUNDING, "WETH");
        assertEq(executor.available(LimitKeys.LOSS_ADD), AMPLE, "rounding is no loss");
    }

    /// @dev Without slippage a forced run trades the announced amounts and reaches all targets.
    function testFuzz_run__tier__isWhatWasForetold(uint256 wethPrice, uint256 bondPrice, uint256 gain) public {
        _move(wethPrice, bondPrice, gain);
        _assertForetold(l3);
    }

    function testFuzz_run__basket__isWhatWasForetold(uint256 wethPrice, uint256 bondPrice, uint256 gain, uint256 cash)
        public
    {
        _move(wethPrice, bondPrice, gain);
        usdt.mint(address(basket), bound(cash, 0, 200_000 * USD));
        _assertForetold(basket);
        // Every asset that was above its target is at its target now, including cash.
        uint256 total = basket.value();
        _assertNear(
            basket.valueOf(address(weth)) + basket.valueOf(address(bond)) + basket.valueOf(address(fund))
                + usdt.balanceOf(address(basket)),
            total,
            0,
            "the sum"
        );
    }

    /// @dev The share price falls by at most the loss that the limit was charged.
    function testFuzz_run__tier__sharePriceFallsByItsLossAtMost(uint256 wethPrice, uint256 bondPrice, uint256 feeBps)
        public
    {
        _move(wethPrice, bondPrice, 0);
        // At exactly 200 a unit of rounding can refuse the trade.
        venue.setFeeBps(bound(feeBps, 0, 199));
        uint256 total = vault.totalAssets();
        uint256 shares = vault.totalSupply();
        uint256 traded = executor.lastRun();
        vm.prank(keeper);
        l3.rebalance(true);
        if (executor.lastRun() == traded) {
            assertEq(vault.totalAssets(), total, "nothing happened");
            return;
        }
        uint256 lost = AMPLE - executor.available(LimitKeys.LOSS_ADD);
        assertEq(vault.totalSupply(), shares, "shares");
        assertGe(vault.totalAssets() + lost + ROUNDING, total, "lost no more than was charged");
        _assertNothingRests(l3);
    }

    function _move(uint256 wethPrice, uint256 bondPrice, uint256 gain) private {
        _setPrices(int256(bound(wethPrice, 1_000e8, 9_000e8)), int256(bound(bondPrice, 30e8, 300e8)));
        _setFund(fund.totalAssets() + bound(gain, 0, 1_000_000 * USD));
    }

    function _assertForetold(Portfolio held) private {
        IPortfolioWeights runner = IPortfolioWeights(held.weights());
        (address[] memory assets, int256[] memory amounts) = runner.rebalanceAmounts();
        assertEq(assets.length, 4, "assets");
        assertEq(assets[3], address(usdt), "the settlement token last");
        _assertMath(held, assets, amounts);
        uint256[4] memory before;
        for (uint256 i = 0; i < 4; ++i) {
            before[i] = IERC20(assets[i]).balanceOf(i == 3 ? held.home() : address(held));
        }
        uint256 traded = _lastRun(held);
        vm.prank(keeper);
        held.rebalance(true);
        if (_lastRun(held) == traded) {
            for (uint256 i = 0; i < 4; ++i) {
                assertEq(uint256(amounts[i]), 0, "nothing was foretold");
            }
            return;
        }
        for (uint256 i = 0; i < 4; ++i) {
            uint256 current = IERC20(assets[i]).balanceOf(i == 3 ? held.home() : address(held));
            int256 change = int256(before[i]) - int256(current);
            // One unit of the settlement token equals up to this many units of the others.
            uint256 unit = i < 2 ? 1e12 : ROUNDING;
            assertLe(_distance(change, amounts[i]), unit, "as foretold");
        }
        _assertNothingRests(held);
    }

    /// @dev Checks the formulas with the portfolio's own valuation: without loss, overweight assets come down to their
    /// targets, and purchases are at most the gaps.
    function _assertMath(Portfolio held, address[] memory assets, int256[] memory amounts) private view {
        uint256 total = held.value();
        bool alone = held.home() == address(held);
        for (uint256 i = 0; i < 3; ++i) {
            uint256 value = held.valueOf(assets[i]);
            uint256 target = total * held.holdingOf(assets[i]).targetBps / WHOLE;
            uint256 traded = _worth(assets[i], amounts[i] < 0 ? uint256(-amounts[i]) : uint256(amounts[i]));
            if (value > target + 2 * USD) {
                _assertNear(traded, value - target, ROUNDING, "sold down to the target");
                assertTrue(amounts[i] > 0, "a sale");
            } else if (!alone && value + 2 * USD < target) {
                _assertNear(traded, target - value, 4 * USD, "bought up to the target");
                assertTrue(amounts[i] < 0, "a purchase");
            } else {
                assertLe(
                    value + (amounts[i] < 0 ? traded : 0), Math.max(value, target) + ROUNDING, "no more than lacks"
                );
            }
        }
    }

    function _worth(address asset, uint256 amount) private view returns (uint256) {
        return asset == address(fund) ? fund.convertToAssets(amount) : oracle.convert(asset, address(usdt), amount);
    }

    function _assertBasket(uint256 weths, uint256 bonds, uint256 funds, uint256 cash) private view {
        _assertNear(basket.valueOf(address(weth)), weths * USD, ROUNDING, "WETH");
        _assertNear(basket.valueOf(address(bond)), bonds * USD, ROUNDING, "bond");
        _assertNear(basket.valueOf(address(fund)), funds * USD, ROUNDING, "fund");
        _assertNear(usdt.balanceOf(address(basket)), cash * USD, ROUNDING, "cash");
    }

    function _lastRun(Portfolio held) private view returns (uint256) {
        return WeightRebalancer(_executorOf(held)).lastRun();
    }

    function _distance(int256 left, int256 right) private pure returns (uint256) {
        return uint256(left > right ? left - right : right - left);
    }
}
