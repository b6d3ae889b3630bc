// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {GreedyVenue} from "../doubles/GreedyVenue.sol";
import {System} from "../support/System.sol";

/// @title Stolen keeper key and a holding that is marked down
/// @notice The book counts the holding at its mark, a fraction of its price. The loss of a sale is measured by the
/// price: the amount that a venue keeps is charged to the loss budget, whatever the mark.
/// forge-config: default.isolate = true
contract MarkedSalesTest is System {
    uint256 private constant BUDGET = 1_000 * USD;

    GreedyVenue private greedy;

    function setUp() public override {
        super.setUp();
        greedy = new GreedyVenue(address(oracle), address(usdt));
        l3.setHoldings(_yields(address(greedy)));
        _invest();
        greedy.setKeptBps(99);
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.lossReduce(keeper), BUDGET, 7 days);
    }

    function testFuzz_sales__whateverTheMark__loseNoMoreThanTheBudget(uint16 keptBps) public {
        if (keptBps % 2 == 0) _markDown(l3, address(weth), uint16(bound(keptBps, 0, 9_999)));
        uint256 sales = 0;
        for (bool sold = true; sold && sales < 79; ++sales) {
            vm.prank(keeper);
            (sold,) = address(controller).call(abi.encodeCall(controller.redeemAsset, (address(weth), 1e18, 0, "")));
        }
        assertLe(greedy.haul(), BUDGET, "haul");
        assertTrue(sales < 79, "the budget ended it");
        assertTrue(sales > 10, "and not the first sale");
    }

    function test_waterfall__markedDown__losesNoMoreThanTheBudget() public {
        _markDown(l3, address(weth), 1_000);
        for (uint256 i = 0; i < 40; ++i) {
            vm.startPrank(keeper);
            (bool done,) = address(controller)
                .call(abi.encodeCall(controller.executeWaterfallLiquidation, (vault.idle() + 5_000 * USD, 2)));
            vm.stopPrank();
            if (!done) break;
        }
        assertLe(greedy.haul(), BUDGET, "haul");
    }
}
