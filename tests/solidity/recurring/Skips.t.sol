// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {FlashPool, LockHolder} from "../doubles/FlashPool.sol";
import {MoodyTarget} from "../doubles/MoodyTarget.sol";
import {AttackTest} from "./attacks/AttackTest.sol";

/// @title Skipped runs: which are retried soon, how often and at what cost (R3, R10)
contract JobSkipsTest is AttackTest {
    uint32 private constant LONG = 1 days;
    RecurringRebalancer private rebalancer;

    function setUp() public override {
        super.setUp();
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.txFunder, config.interval) = (address(0), LONG);
        rebalancer = new RecurringRebalancer(scheduler, address(target), alice, MAX_FAILURES, config);
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
    }

    /// @dev Fails if a reason that lasts minutes costs a whole interval, or if the run is retried early for ever.
    function test_R3_busy__isTriedAgainThreeTimes__thenAfterAnInterval() public {
        target.set(MoodyTarget.Mood.Busy);
        uint256[5] memory pauses = [uint256(5 minutes), 20 minutes, 80 minutes, LONG, 5 minutes];
        for (uint256 i = 0; i < pauses.length; ++i) {
            vm.expectEmit(address(rebalancer));
            emit IRecurringJobs.RunSkipped(
                address(target), IRebalanceable.Reason.Busy, uint8((i + 1) % 4), uint40(_dueAt() + pauses[i]), _id() + 1
            );
            assertEq(_runNow(), pauses[i], "seconds to the next run");
        }
        assertEq(_job().failures, 0, "no failure");
        assertTrue(scheduler.isBooked(rebalancer.number()), "goes on");
    }

    function test_R3_busy__thenRuns__goesOnAtItsInterval() public {
        target.set(MoodyTarget.Mood.Busy);
        _runNow();
        target.set(MoodyTarget.Mood.Counts);
        assertEq(_runNow(), LONG, "the interval");
        target.set(MoodyTarget.Mood.Busy);
        assertEq(_runNow(), 5 minutes, "counted anew");
    }

    function test_R3_busyAfterFailures__neitherForgetsNorCountsThem() public {
        target.set(MoodyTarget.Mood.Fails);
        _runNow();
        target.set(MoodyTarget.Mood.Busy);
        _runNow();
        assertEq(_job().failures, 1, "as before");
        target.set(MoodyTarget.Mood.Fails);
        assertEq(_runNow(), 4 * uint256(LONG), "the second in a row");
    }

    function test_R3_reasonThatLasts__isNotTriedSooner() public {
        target.set(MoodyTarget.Mood.Skips);
        assertEq(_runNow(), LONG, "an interval");
    }

    /// @dev Fails if an early run that cannot be paid is lost, or booked in the past.
    function test_R3_earlyRunCannotBeBooked__isStuckAndFixed() public {
        target.set(MoodyTarget.Mood.Busy);
        uint256 balance = _balance(address(rebalancer), address(rebalancer));
        vm.prank(alice);
        rebalancer.withdraw(alice, balance);
        vm.warp(_dueAt());
        // The run uses the whole fee, so that no refund pays for the next run.
        chain.fee(1_000 gwei);
        chain.txGasPrice(1_000 gwei);
        _execute(_id());
        assertFalse(scheduler.isBooked(rebalancer.number()), "stuck");
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
        assertEq(_dueAt(), block.timestamp + 5 minutes, "early all the same");
    }

    function testFuzz_R3_pause__isNeverLongerThanTheInterval(uint32 interval) public {
        if (interval == 0) interval = 1;
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.txFunder, config.interval) = (address(rebalancer), interval);
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
        target.set(MoodyTarget.Mood.Busy);
        for (uint256 i = 0; i < 8; ++i) {
            uint256 pause = _runNow();
            assertLe(pause, interval, "at most");
            uint256 early = i % 4 == 3 ? interval : 5 minutes * 4 ** (i % 4);
            assertEq(pause, early < interval ? early : interval, "exactly");
        }
    }

    /// @dev The attack of the finding. Fails if a holder of the target's lock can cause a failure.
    function test_R3_executedUnderTheTargetsLock__isNoFailure() public {
        for (uint256 kind = 0; kind < 2; ++kind) {
            FlashPool pool = new FlashPool(kind == 0);
            _createPaid(address(pool));
            LockHolder attacker = new LockHolder(scheduler);
            uint256 number = registry.entryOf(address(pool)).number;
            for (uint256 i = 0; i < MAX_FAILURES; ++i) {
                (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
                vm.warp(booking.timestamp);
                attacker.go(pool, id);
            }
            assertEq(pool.runs(), 0, "never ran");
            assertEq(registry.paidJobOf(address(pool)).failures, 0, "no failure");
            vm.warp(scheduler.transactionOf(_idOf(address(pool))).timestamp);
            _execute(_idOf(address(pool)));
            assertEq(pool.runs(), 1, "runs once it is left alone");
        }
    }

    /// @dev Fails if a revived job waits as long as a failing one (16 days here).
    function test_R10_revived__runsAfterOneInterval__keepsTheCount() public {
        target.set(MoodyTarget.Mood.Fails);
        for (uint256 i = 0; i < MAX_FAILURES; ++i) {
            _runNow();
        }
        assertTrue(_job().halted, "halted");
        target.set(MoodyTarget.Mood.Counts);
        rebalancer.revive();
        assertEq(_dueAt() - block.timestamp, LONG, "one interval");
        assertEq(_job().failures, MAX_FAILURES - 1, "the count");
        target.set(MoodyTarget.Mood.Busy);
        _runNow();
        assertEq(_job().failures, MAX_FAILURES - 1, "still");
        target.set(MoodyTarget.Mood.Fails);
        vm.warp(_dueAt());
        _execute(_id());
        assertTrue(_job().halted, "halted by its next failure");
    }

    /// @dev Fails if the interval is lost when the booking fails.
    function test_R10_revivedWithoutMoney__isFixedAfterOneInterval() public {
        target.set(MoodyTarget.Mood.Fails);
        for (uint256 i = 0; i < MAX_FAILURES; ++i) {
            _runNow();
        }
        uint256 balance = _balance(address(rebalancer), address(rebalancer));
        vm.prank(alice);
        rebalancer.withdraw(alice, balance);
        target.set(MoodyTarget.Mood.Counts);
        rebalancer.revive();
        assertFalse(scheduler.isBooked(rebalancer.number()), "dry");
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
        assertEq(_dueAt() - block.timestamp, LONG, "one interval");
    }

    function test_R10_reviveWhileBusy__showsNothing() public {
        target.set(MoodyTarget.Mood.Fails);
        for (uint256 i = 0; i < MAX_FAILURES; ++i) {
            _runNow();
        }
        target.set(MoodyTarget.Mood.Busy);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecurringJobs.Recurring_TargetFailed.selector,
                address(target),
                bytes32(uint256(IRebalanceable.Reason.Busy))
            )
        );
        rebalancer.revive();
    }

    /// @dev Executes the current booking when it is due and returns the seconds until the next run.
    function _runNow() private returns (uint256) {
        vm.warp(_dueAt());
        assertTrue(_execute(_id()), "executed");
        return _dueAt() - block.timestamp;
    }

    function _id() private view returns (uint256) {
        return _idOfRecord(rebalancer.number());
    }

    function _dueAt() private view returns (uint256) {
        return scheduler.transactionOf(_id()).timestamp;
    }

    function _job() private view returns (IRecurringJobs.Job memory) {
        return rebalancer.jobOf(rebalancer.number());
    }
}
