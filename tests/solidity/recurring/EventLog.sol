// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "../support/Vm.sol";
import {RecurringTest} from "./RecurringTest.sol";

/// @title A chain that executes what is due as time goes by, and a count of what happened
abstract contract EventLog is RecurringTest {
    Vm.Log[] private _logs;

    function setUp() public virtual override {
        vm.recordLogs();
        super.setUp();
    }

    /// @dev Lets time pass, and has everything executed that is due then.
    function _advance(uint256 time) internal {
        vm.warp(block.timestamp + time);
        (uint256[] memory due,,,) = lens.sweep(1, scheduler.records());
        if (due.length != 0) scheduler.executeBatch(due, new bytes[](0), executor);
    }

    /// @dev Has all paid rebalancers run while their payer allows nothing, as if it had no money.
    function _advanceWithoutMoney() internal {
        scheduler.setSpender(address(registry), 1, 1);
        _advance(INTERVAL);
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
    }

    /// @dev How often an event was emitted, from the start of the test.
    function _count(bytes32 topic) internal returns (uint256 count) {
        _collect();
        for (uint256 i = 0; i < _logs.length; ++i) {
            if (_logs[i].topics.length != 0 && _logs[i].topics[0] == topic) ++count;
        }
    }

    /// @dev The last event of a kind.
    function _last(bytes32 topic) internal returns (Vm.Log memory found) {
        _collect();
        for (uint256 i = 0; i < _logs.length; ++i) {
            if (_logs[i].topics.length != 0 && _logs[i].topics[0] == topic) found = _logs[i];
        }
        assertTrue(found.topics.length != 0, "emitted");
    }

    function _collect() private {
        Vm.Log[] memory fresh = vm.getRecordedLogs();
        for (uint256 i = 0; i < fresh.length; ++i) {
            _logs.push(fresh[i]);
        }
    }
}
