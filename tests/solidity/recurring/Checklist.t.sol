// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {MoodyTarget} from "../doubles/MoodyTarget.sol";
import {EventLog} from "./EventLog.sol";

/// @title Cheat codes for tests that exceed the gas limit
interface MeteringVm {
    function pauseGasMetering() external;
    function resumeGasMetering() external;
}

/// @title Behaviour of the source document's implementation beyond its test cases, with its economics
/// @notice One difference: a margin below one is refused here (`Jobs.t.sol`). `High` is refused in both.
contract ParityChecklistTest is EventLog {
    function test_events__ofARun__tellWhatIsTrue() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        _skip(INTERVAL);
        vm.expectEmit(address(registry));
        emit IRecurringJobs.Rebalanced(address(target), false, uint40(block.timestamp + INTERVAL), id + 1);
        _execute(id);
    }

    function test_events__ofCreation__tellWhatIsTrue() public {
        registry.allowTarget(address(target), alice);
        uint256 number = scheduler.records() + 1;
        vm.expectEmit(address(registry));
        emit IRecurringJobs.CreatedRebalancer(address(target), number);
        vm.expectEmit(address(registry));
        emit IRecurringJobs.FixedReschedule(address(target), uint40(block.timestamp + INTERVAL), number << 32 | 1);
        vm.prank(alice);
        registry.createPaidRebalancer(address(target));
    }

    function test_nextExecutionTimestamp__overflow__isTheEndOfTime() public {
        vm.warp(type(uint40).max - INTERVAL / 2);
        _createPaid(address(target));
        uint256 number = registry.entryOf(address(target)).number;
        assertEq(registry.nextExecutionTimestampOf(number), type(uint40).max, "saturates");
        assertEq(scheduler.transactionOf(_idOf(address(target))).timestamp, type(uint40).max, "booked for");
        vm.warp(type(uint40).max);
        _execute(_idOf(address(target)));
        assertTrue(registry.isStuck(address(target)), "after that there is nothing");
        assertEq(target.runs(), 1, "but the run stands");
    }

    function test_feeOfAFailedRun__isKept() public {
        target.set(MoodyTarget.Mood.Fails);
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        uint256 fee = scheduler.transactionOf(id).fee;
        _skip(INTERVAL);
        _execute(id);
        assertEq(_balance(executor, executor), fee, "all of it");
    }

    function test_refund__isExactlyItsPart(uint72 extra) public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        (uint256 id,) = scheduler.bookingOf(rebalancer.number());
        scheduler.topUp{value: extra % 1 ether}(id);
        uint256 fee = scheduler.transactionOf(id).fee;
        uint256 before = _balance(address(rebalancer), address(rebalancer));
        vm.prank(alice);
        rebalancer.cancelAllScheduledTransactions();
        assertEq(_balance(address(rebalancer), address(rebalancer)) - before, fee / 2, "half, rounded down");
        assertEq(_balance(treasury, treasury), fee - fee / 2, "the rest");
    }

    function test_status__ofABooking__takesItsWay() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        _assertStatus(id + 1, ITransactionScheduler.Status.Unknown);
        _assertStatus(id, ITransactionScheduler.Status.Scheduled);
        target.setCall(address(scheduler), abi.encodeCall(scheduler.statusOf, (id)));
        _skip(INTERVAL);
        _execute(id);
        uint256 meanwhile = abi.decode(target.callAnswer(), (uint256));
        assertEq(meanwhile, uint256(ITransactionScheduler.Status.Executing), "meanwhile");
        _assertStatus(id, ITransactionScheduler.Status.Executed);
        vm.prank(guardian);
        registry.removePaidRebalancer(address(target));
        _assertStatus(id + 1, ITransactionScheduler.Status.Canceled);
        _assertStatus(id, ITransactionScheduler.Status.Executed);
    }

    function test_supervisor__thousandEntries__severalPages() public {
        MeteringVm(address(vm)).pauseGasMetering();
        for (uint256 i = 0; i < 1_000; ++i) {
            address next = address(new MoodyTarget());
            _createPaid(next);
            supervisor.addPaidRebalancer(next);
        }
        _advanceWithoutMoneyInParts();
        MeteringVm(address(vm)).resumeGasMetering();
        uint256 pages = 0;
        for (; pages < 4; ++pages) {
            assertEq(supervisor.poke(250), 250, "a page");
        }
        MeteringVm(address(vm)).pauseGasMetering();
        (,, uint256[] memory stuck,) = lens.sweep(1, 2_000);
        assertEq(stuck.length, 0, "all fixed");
        assertEq(_count(IRebalanceSupervisor.SupervisorItemFailed.selector), 0, "none failed");
    }

    function _terms() internal view override returns (ITransactionScheduler.Terms memory terms) {
        terms = super._terms();
        (terms.flat, terms.refundBps) = (true, 5_000);
    }

    /// @dev A batch executes at most 256 bookings.
    function _advanceWithoutMoneyInParts() private {
        scheduler.setSpender(address(registry), 1, 1);
        _skip(INTERVAL);
        for (uint256 first = 1; first <= 1_000; first += 250) {
            (uint256[] memory due,,,) = lens.sweep(first, 250);
            scheduler.executeBatch(due, new bytes[](0), executor);
        }
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
    }

    function _assertStatus(uint256 id, ITransactionScheduler.Status status) private view {
        assertEq(uint256(scheduler.statusOf(id)), uint256(status), "status");
    }
}
