// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {Booker} from "../doubles/Booker.sol";
import {RecurringTest} from "./RecurringTest.sol";

/// @title Base of tests with a handler that has money and makes bookings
abstract contract SchedulerTest is RecurringTest {
    uint256 internal constant DELAY = 100;
    uint24 internal constant HANDLER_GAS = 500_000;
    Booker internal booker;

    function setUp() public virtual override {
        super.setUp();
        booker = new Booker(scheduler);
        scheduler.deposit{value: 100 ether}(address(booker), address(booker));
    }

    function _request() internal view returns (ITransactionScheduler.Request memory) {
        return ITransactionScheduler.Request({
            timestamp: uint40(block.timestamp + DELAY),
            priority: ITransactionScheduler.Priority.Medium,
            effort: HANDLER_GAS,
            marginBps: 10_000,
            recurring: false,
            payer: address(booker)
        });
    }

    function _book() internal returns (uint256) {
        return booker.book(_request(), "");
    }

    function _bookRecurring() internal returns (uint256) {
        ITransactionScheduler.Request memory request = _request();
        request.recurring = true;
        return booker.book(request, "");
    }

    function _feeOf(uint256 id) internal view returns (uint256) {
        return scheduler.transactionOf(id).fee;
    }

    function _assertStatus(uint256 id, ITransactionScheduler.Status status, string memory what) internal view {
        assertEq(uint256(scheduler.statusOf(id)), uint256(status), what);
    }

    function _refused(ITransactionScheduler.Refusal refusal) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_Refused.selector, refusal);
    }

    function _notScheduled(uint256 id, ITransactionScheduler.Status status) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_NotScheduled.selector, id, status);
    }
}
