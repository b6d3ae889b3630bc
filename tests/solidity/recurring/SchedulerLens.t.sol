// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ISchedulerLens} from "@ballast/interfaces/ISchedulerLens.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {Booker} from "../doubles/Booker.sol";
import {SchedulerTest} from "./SchedulerTest.sol";

/// @title Handler whose answer has the length of a job but is invalid
contract Garbler is Booker {
    constructor(ITransactionScheduler scheduler_) Booker(scheduler_) {}

    function jobOf(uint256) external pure returns (uint256[12] memory words) {
        for (uint256 i = 0; i < words.length; ++i) {
            words[i] = type(uint256).max;
        }
    }
}

/// @title Tests of the lens for one record
contract SchedulerLensTest is SchedulerTest {
    uint256 private constant FEW = 150;
    uint256 private constant MANY = 10 * FEW;

    function test_rowOf__oneShot__isItsBookingOnly() public {
        uint256 id = _book();
        ISchedulerLens.Row memory row = lens.rowOf(id >> 32);
        assertEq(row.id, id, "id");
        assertEq(row.nextRun, block.timestamp + DELAY, "runs when it is booked for");
        assertFalse(row.due, "not due");
        assertEq(row.payout, 0, "pays nothing yet");
        assertEq(row.target, address(0), "no job");
    }

    function test_rowOf__due__tellsThePayout() public {
        uint256 id = _book();
        _skip(DELAY);
        ISchedulerLens.Row memory row = lens.rowOf(id >> 32);
        assertTrue(row.due, "due");
        assertEq(row.payout, scheduler.payoutOf(id), "payout");
        assertGe(row.payout, 1, "pays");
        _execute(id);
        row = lens.rowOf(id >> 32);
        assertFalse(row.due, "executed");
        assertEq(row.nextRun, 0, "runs no more");
    }

    function test_rowOf__bookedJob__isNotStuck() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        ISchedulerLens.Row memory row = lens.rowOf(rebalancer.number());
        assertEq(row.target, address(target), "job");
        assertFalse(row.stuck, "booked");
        assertEq(row.nextRun, block.timestamp + INTERVAL, "runs when it is booked for");
        assertEq(row.lastRun, block.timestamp, "last");
        assertEq(row.required, scheduler.rearmFee(rebalancer.number(), MARGIN), "the next one's fee");
        assertEq(row.available, _balance(address(rebalancer), address(rebalancer)), "available");
    }

    function test_fixOf__noJob__isTheHandlerOnly() public {
        uint256 id = _book();
        (address handler, address fixedTarget, bool paid) = lens.fixOf(id >> 32);
        assertEq(handler, address(booker), "handler");
        assertEq(fixedTarget, address(0), "nothing to fix");
        assertFalse(paid, "of no registry");
    }

    function test_jobOf__garbage__isNone() public {
        Garbler garbler = new Garbler(scheduler);
        garbler.ask(abi.encodeCall(scheduler.reserve, (ITransactionScheduler.Priority.Low, 100_000, address(garbler))));
        uint256 number = scheduler.records();
        IRecurringJobs.Job memory none;
        assertTrue(keccak256(abi.encode(lens.jobOf(number))) == keccak256(abi.encode(none)), "none");
        ISchedulerLens.Row memory row = lens.rowOf(number);
        assertEq(row.booking.handler, address(garbler), "told all the same");
        assertTrue(row.target == address(0) && !row.stuck, "without a job");
        (,, uint256[] memory stuck,) = lens.sweep(1, number);
        assertEq(stuck.length, 0, "not stuck");
    }

    function test_sweepAndEscrowed__tenTimesTheRecords__useAboutTenTimesTheGas() public {
        for (uint256 i = 0; i < MANY; ++i) {
            _book();
        }
        lens.sweep(1, MANY); // reads of storage are warm from here on
        uint256 few = _gasOf(abi.encodeCall(lens.sweep, (1, FEW)));
        assertLe(_gasOf(abi.encodeCall(lens.sweep, (1, MANY))), (101 * few) / 10, "sweep");
        few = _gasOf(abi.encodeCall(lens.escrowed, (1, FEW)));
        assertLe(_gasOf(abi.encodeCall(lens.escrowed, (1, MANY))), (101 * few) / 10, "escrowed");
    }

    function _gasOf(bytes memory input) private view returns (uint256 used) {
        uint256 before = gasleft();
        (bool ok,) = address(lens).staticcall(input);
        used = before - gasleft();
        assertTrue(ok, "reads");
    }
}
