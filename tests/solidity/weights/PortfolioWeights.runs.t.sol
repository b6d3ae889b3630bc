// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolioWeights} from "@ballast/interfaces/IPortfolioWeights.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {WeightsTest} from "./WeightsTest.sol";

/// @title Runs that trade
contract PortfolioWeightsRunsTest is WeightsTest {
    function test_rebalance__drifted__reachesTheTargets() public {
        _runs(portfolio);
        assertEq(_valueOf(portfolio, btc), 18_000 * USD, "BTC");
        assertEq(_valueOf(portfolio, eth), 18_000 * USD, "ETH");
        assertEq(_valueOf(portfolio, bnb), 18_000 * USD, "BNB");
        assertEq(usdt.balanceOf(address(portfolio)), 6_000 * USD, "settlement token");
        assertEq(usdt.balanceOf(address(rebalancer)), 0, "nothing at the executor");
    }

    function test_rebalance__ofATier__restGoesHome() public {
        _runs(tier);
        assertEq(usdt.balanceOf(address(tier)), 0, "nothing at the portfolio");
        assertEq(usdt.balanceOf(address(tierRebalancer)), 0, "nothing at the executor");
        // 49,000 in all: BTC 14,700, ETH 14,700, BNB 19,600.
        assertEq(_worth(tier) + usdt.balanceOf(home), 49_000 * USD, "nothing lost");
        assertLe(usdt.balanceOf(home), 2, "rounding");
    }

    function test_gas__openRun__fourAssets() public {
        vm.prank(outsider);
        portfolio.rebalance(false);
    }

    function test_gas__keepersRun__fourAssets() public {
        _reweigh(portfolio, _swaps());
    }
}
