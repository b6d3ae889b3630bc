// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "../support/Vm.sol";
import {RecurringTest} from "./RecurringTest.sol";

/// @title Base of tests that execute due bookings as time passes and count events
abstract contract EventLog is RecurringTest {
    Vm.Log[] private _logs;

    function setUp() public virtual override {
        vm.recordLogs();
        super.setUp();
    }

    /// @dev Advances the time and executes all due bookings.
    function _advance(uint256 time) internal {
        vm.warp(block.timestamp + time);
        (uint256[] memory due,,,) = lens.sweep(1, scheduler.records());
        if (due.length != 0) scheduler.executeBatch(due, new bytes[](0), executor);
    }

    /// @dev Runs all paid rebalancers while the payer's caps are nearly zero, as if it had no money.
    function _advanceWithoutMoney() internal {
        scheduler.setSpender(address(registry), 1, 1);
        _advance(INTERVAL);
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
    }

    /// @dev Returns the number of events with a topic since the start of the test.
    function _count(bytes32 topic) internal returns (uint256 count) {
        _collect();
        for (uint256 i = 0; i < _logs.length; ++i) {
            if (_logs[i].topics.length != 0 && _logs[i].topics[0] == topic) ++count;
        }
    }

    /// @dev Returns the last event with a topic.
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
