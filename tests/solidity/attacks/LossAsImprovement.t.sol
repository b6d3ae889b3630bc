// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IWeightRebalancer} from "@ballast/interfaces/IWeightRebalancer.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {PortfolioWeights} from "@ballast/portfolio/PortfolioWeights.sol";
import {WeightJudge} from "@ballast/portfolio/WeightJudge.sol";
import {WeightRebalancer} from "@ballast/portfolio/WeightRebalancer.sol";
import {RateLimits} from "@ballast/security/RateLimits.sol";

import {System} from "../support/System.sol";

/// @title Repeated runs that sell, buy nothing and lose a fee
/// @notice If only assets that cannot be bought are below target, a loss brings weights nearer to their targets
/// relative to a smaller total. A run is judged by the larger total, so that a loss counts against it.
contract LossAsImprovementTest is System {
    WeightJudge private judge;
    WeightRebalancer private rebalancer;

    function setUp() public override {
        super.setUp();
        judge = new WeightJudge(address(manager), address(l3));
        rebalancer = new WeightRebalancer(address(manager), address(judge), address(killSwitch));
        _permit(address(l3), Portfolio.setWeights.selector, CONFIGURATOR);
        _permit(address(judge), PortfolioWeights.setRebalancer.selector, CONFIGURATOR);
        _permit(address(rebalancer), WeightRebalancer.setTerms.selector, CONFIGURATOR);
        _permit(address(rebalancer), RateLimits.raiseLimit.selector, CONFIGURATOR);
        l3.setWeights(address(judge));
        judge.setRebalancer(address(rebalancer));
        rebalancer.setTerms(IWeightRebalancer.Terms(500, 1 hours, 200, 30, 100, uint96(10 * USD)));
        rebalancer.raiseLimit(LimitKeys.automatic(address(l3)), AMPLE, 1, 0);
        rebalancer.raiseLimit(LimitKeys.LOSS_ADD, AMPLE, 1, 0);
        venue.setFeeBps(5);
    }

    function test_run__haltedAssetBelowItsTarget__sellsNoTier() public {
        _hold(10_000, 290_000);
        vm.prank(guardian);
        l3.lowerCap(address(weth), 0);
        _runsChangeNothing();
    }

    function test_run__giftOfDust__sellsNoTier() public {
        _hold(0, 300_000);
        vm.prank(guardian);
        l3.lowerCap(address(weth), 0);
        weth.mint(address(l3), 3e12);
        _runsChangeNothing();
    }

    function _hold(uint256 inWeth, uint256 inBonds) private {
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 300_000 * USD, 0, "");
        if (inWeth != 0) controller.purchaseAsset(address(weth), inWeth * USD, 0, "");
        controller.purchaseAsset(address(bond), inBonds * USD, 0, "");
        controller.purchaseAsset(address(fund), 300_000 * USD, 0, "");
        vm.stopPrank();
    }

    function _runsChangeNothing() private {
        uint256 value = l3.value();
        for (uint256 i = 1; i <= 12; ++i) {
            vm.warp(START + i * 1 hours);
            usdtFeed.set(1e8);
            wethFeed.set(WETH_PRICE);
            bondFeed.set(BOND_PRICE);
            vm.expectEmit(address(judge));
            emit IRebalanceable.RebalanceSkipped(IRebalanceable.Reason.NotImproved);
            vm.prank(outsider);
            l3.rebalance(false);
        }
        assertEq(l3.value(), value, "the tier");
    }
}
