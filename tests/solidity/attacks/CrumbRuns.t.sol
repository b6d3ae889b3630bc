// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {RateLimits} from "@ballast/security/RateLimits.sol";

import {System} from "../support/System.sol";

/// @title Runs by a stranger for a tiny trade
/// @notice Terms and limits are the defaults: minimum trade 100 USDT, 50,000 a day, one hour between runs. Fund A is at
/// its supply cap and below its target. A run is refused if nothing can be bought. A stranger who withdraws 100 USDT
/// from the fund makes room for a tiny purchase: the run then sells only that amount, not a tenth of the tier.
contract CrumbRunsTest is System {
    WeightJudge private judge;
    WeightRebalancer private rebalancer;
    uint256 private time = START;

    function setUp() public override {
        super.setUp();
        judge = new WeightJudge(address(manager), address(l2));
        rebalancer = new WeightRebalancer(address(manager), address(judge), address(killSwitch));
        _permit(address(l2), Portfolio.setWeights.selector, CONFIGURATOR);
        _permit(address(judge), PortfolioWeights.setRebalancer.selector, CONFIGURATOR);
        _permit(address(rebalancer), WeightRebalancer.setTerms.selector, CONFIGURATOR);
        _permit(address(rebalancer), RateLimits.raiseLimit.selector, CONFIGURATOR);
        l2.setWeights(address(judge));
        judge.setRebalancer(address(rebalancer));
        rebalancer.setTerms(IWeightRebalancer.Terms(500, 1 hours, 100, 30, 100, uint96(100 * USD)));
        rebalancer.raiseLimit(LimitKeys.automatic(address(l2)), 50_000 * USD, 1 days, 0);
        rebalancer.raiseLimit(LimitKeys.LOSS_ADD, 5_000 * USD, 7 days, 0);
    }

    function test_rebalance__withoutRoom__isRefused() public {
        _fill();
        _wait(1 days);
        vm.prank(outsider);
        l2.rebalance(false);
        assertEq(l2.value(), 300_000 * USD, "the tier");
    }

    function test_rebalance__roomForACrumb__sellsNoMoreThanTheCrumb() public {
        _fill();
        for (uint256 i = 0; i < 5; ++i) {
            _wait(1 days);
            vm.startPrank(outsider);
            marketA.withdraw((100 + i) * USD, outsider, outsider);
            l2.rebalance(false);
            vm.stopPrank();
        }
        assertGe(l2.value(), 300_000 * USD - 10, "L2");
        assertLe(vault.idle(), 100_000 * USD + 10, "L1");
        assertGe(l2.valueOf(address(marketA)), 110_400 * USD, "bought");
        assertLe(l2.valueOf(address(marketA)) + l2.valueOf(address(marketB)), 300_000 * USD, "in all");
    }

    /// @dev If there is room for half of the gap, half of the gap is closed.
    function test_rebalance__room__isUsed() public {
        _fill();
        _wait(1 days);
        marketA.setLimit(131_000 * USD);
        vm.prank(outsider);
        l2.rebalance(false);
        assertGe(l2.value(), 300_000 * USD - 10, "L2");
        assertGe(l2.valueOf(address(marketA)), 130_000 * USD - 10, "bought");
    }

    function _fill() private {
        // A stranger holds a small share of the fund, which is full from then on.
        usdt.mint(outsider, 1_000 * USD);
        vm.startPrank(outsider);
        usdt.approve(address(marketA), 1_000 * USD);
        marketA.deposit(1_000 * USD, outsider);
        vm.stopPrank();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 110_000 * USD, 0, "");
        controller.purchaseAsset(address(marketB), 190_000 * USD, 0, "");
        controller.purchaseAsset(address(weth), 240_000 * USD, 0, "");
        controller.purchaseAsset(address(bond), 180_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 180_000 * USD, 0, "");
        vm.stopPrank();
        marketA.setLimit(111_000 * USD);
    }

    function _wait(uint256 span) private {
        time += span;
        vm.warp(time);
        usdtFeed.set(1e8);
        wethFeed.set(WETH_PRICE);
        bondFeed.set(BOND_PRICE);
    }
}
