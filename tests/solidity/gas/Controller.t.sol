// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ceilings} from "./Ceilings.sol";
import {GasSystem} from "./System.sol";

/// @title What the keeper's actions cost, all guards on
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
        _tellAbove("C, across tiers, two transactions", _switch(0, 2), Ceilings.ACROSS_TIERS);
    }

    function test_gas__controller__insideTier() public {
        _tellAbove("C, inside a tier, two transactions", _switch(0, 1), Ceilings.INSIDE_TIER);
    }

    function test_gas__controller__pull() public {
        controller.executeWaterfallLiquidation(IDLE + FIRST + SECOND + MOVED, 2);
        uint256 gas = _lastTransaction();
        assertEq(vault.idle(), IDLE + FIRST + SECOND + MOVED, "pulled");
        _tellAbove("D, pull through three strategies", gas, Ceilings.PULL_THREE);
    }

    function _switch(uint256 from, uint256 to) private returns (uint256 gas) {
        _redeem(from, MOVED);
        gas = _lastTransaction();
        _supply(to, MOVED);
        gas += _lastTransaction();
    }
}
