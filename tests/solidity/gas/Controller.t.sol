// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ceilings} from "./Ceilings.sol";
import {GasSystem} from "./System.sol";

/// @title Gas of the keeper's actions, with all guards
/// forge-config: default.isolate = true
contract ControllerGasTest is GasSystem {
    function test_gas__controller__idleToStrategy() public {
        _supply(0, MOVED);
        _tellAbove("A, idle to strategy", _lastTransaction(), Ceilings.IDLE_TO_STRATEGY);
    }

    function test_gas__controller__strategyToIdle() public {
        _redeem(0, MOVED);
        _tellAbove("B, strategy to idle", _lastTransaction(), Ceilings.STRATEGY_TO_IDLE);
    }

    function test_gas__controller__acrossTiers() public {
        _switch(0, 2);
        _tellAbove("C, across tiers", _lastTransaction(), Ceilings.ACROSS_TIERS);
    }

    function test_gas__controller__insideTier() public {
        _switch(0, 1);
        _tellAbove("C, inside a tier", _lastTransaction(), Ceilings.INSIDE_TIER);
    }

    function test_gas__controller__pull() public {
        controller.executeWaterfallLiquidation(IDLE + FIRST + SECOND + MOVED, 2);
        uint256 gas = _lastTransaction();
        assertEq(vault.idle(), IDLE + FIRST + SECOND + MOVED, "pulled");
        _tellAbove("D, pull through three strategies", gas, Ceilings.PULL_THREE);
    }

    function _switch(uint256 from, uint256 to) private {
        controller.switchAsset(address(strategies[from]), MOVED, address(strategies[to]), MOVED, "", "");
    }
}
