// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {System} from "../support/System.sol";

/// @title A liquidation without limit still reaches every source
contract LiquidationTest is System {
    function test_waterfall__moreThanThereEverWas__drawsEverythingThereIs() public {
        _invest();
        vm.prank(keeper);
        assertEq(controller.executeWaterfallLiquidation(type(uint256).max, 2), DEPOSIT, "all of it");
    }
}
