// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {GreedyVenue} from "../doubles/GreedyVenue.sol";
import {System} from "../support/System.sol";

/// @title Thief who buys and sells one asset for a week at the edge of the bound
contract WeekOfChurningTest is System {
    uint256 private constant BUDGET = 5_000 * USD;

    function test_thief__aWeekOfChurning__losesTheBudgetsAndNoMore() public {
        GreedyVenue greedy = new GreedyVenue(address(oracle), address(usdt));
        l3.setHoldings(_yields(address(greedy)));
        _invest();
        controller.raiseLimit(LimitKeys.LOSS_ADD, BUDGET, 7 days, 0);
        controller.raiseLimit(LimitKeys.lossReduce(keeper), BUDGET, 7 days, 0);
        greedy.setKeptBps(99);
        for (uint256 hour = 0; hour < 7 * 24; ++hour) {
            vm.warp(START + (hour + 1) * 1 hours);
            usdtFeed.set(1e8);
            wethFeed.set(WETH_PRICE);
            bondFeed.set(BOND_PRICE);
            _churn();
        }
        uint256 lost = DEPOSIT - vault.idle() - controller.deployedValue();
        // Both budgets were full at first and refilled once; the remainder is too small for a trade.
        assertGe(lost, 19_500 * USD, "the budgets are what stops the thief");
        assertLe(lost, 20_000 * USD, "lost");
        assertLe(greedy.haul(), 20_000 * USD, "gained");
        assertEq(usdt.balanceOf(keeper) + weth.balanceOf(keeper), 0, "the thief's own");
    }

    function _churn() internal {
        vm.startPrank(keeper);
        for (uint256 size = 32; size > 0; size /= 2) {
            try controller.redeemAsset(address(weth), size * 1e18 / 4, 0, "") {} catch {}
            try controller.purchaseAsset(address(weth), size * 750 * USD, 0, "") {} catch {}
        }
        vm.stopPrank();
    }
}
