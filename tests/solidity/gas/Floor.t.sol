// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {Floor} from "./Floor.sol";
import {PlainStrategies} from "./GasTest.sol";

/// @title Gas of the moves without any check
/// @notice The expected numbers were measured in the set-up of the other systems; docs/evidence/gas.md has the table.
/// forge-config: default.isolate = true
contract FloorGasTest is PlainStrategies {
    Floor private custody;

    function setUp() public override {
        super.setUp();
        custody = new Floor(token);
        require(token.transfer(address(custody), FIRST + SECOND + THIRD + IDLE));
        custody.supply(strategies[0], FIRST);
        custody.supply(strategies[1], SECOND);
        custody.supply(strategies[2], THIRD);
    }

    function test_gas__floor__idleToStrategy() public {
        custody.supply(strategies[0], MOVED);
        _tellAs("floor: A, idle to strategy", _lastTransaction(), 67_057);
    }

    function test_gas__floor__strategyToIdle() public {
        custody.free(strategies[0], MOVED);
        _tellAs("floor: B, strategy to idle", _lastTransaction(), 60_585);
    }

    function test_gas__floor__strategyToStrategy() public {
        custody.move(strategies[0], strategies[2], MOVED);
        _tellAs("floor: C, strategy to strategy", _lastTransaction(), 92_826);
    }

    function test_gas__floor__pull() public {
        custody.pull(_all(), _amounts(MOVED, MOVED, MOVED));
        _tellAs("floor: D, a part from each of three", _lastTransaction(), 124_504);
    }

    function test_gas__floor__pullTwoEmptied() public {
        custody.pull(_all(), _amounts(FIRST, SECOND, MOVED));
        _tell("floor: D, two emptied and a part of the third", _lastTransaction());
    }

    function _all() private view returns (IERC4626[] memory list) {
        list = new IERC4626[](3);
        (list[0], list[1], list[2]) = (strategies[0], strategies[1], strategies[2]);
    }

    function _amounts(uint256 first, uint256 second, uint256 third) private pure returns (uint256[] memory list) {
        list = new uint256[](3);
        (list[0], list[1], list[2]) = (first, second, third);
    }
}
