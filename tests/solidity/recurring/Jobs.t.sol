// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {IRecurringRebalancer} from "@ballast/interfaces/IRecurringRebalancer.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {MoodyFunder} from "../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../doubles/MoodyTarget.sol";
import {Vm} from "../support/Vm.sol";
import {EventLog} from "./EventLog.sol";

/// @title Base of tests with a standard rebalancer that pays itself
abstract contract StandardTest is EventLog {
    RecurringRebalancer internal rebalancer;

    function setUp() public virtual override {
        super.setUp();
        rebalancer = _createStandard(address(target));
    }

    function _id() internal view returns (uint256 id) {
        (id,) = scheduler.bookingOf(rebalancer.number());
    }

    function _isBooked() internal view returns (bool) {
        return scheduler.isBooked(rebalancer.number());
    }

    function _job() internal view returns (IRecurringJobs.Job memory) {
        return rebalancer.jobOf(rebalancer.number());
    }

    function _lastFailure() internal returns (IRecurringJobs.ScheduleFailure) {
        Vm.Log memory log = _last(IRecurringJobs.FailedRecurringSchedule.selector);
        return IRecurringJobs.ScheduleFailure(uint256(log.topics[2]));
    }

    function _assertFailure(IRecurringJobs.ScheduleFailure expected, string memory what) internal {
        assertEq(uint256(_lastFailure()), uint256(expected), what);
    }

    /// @dev Withdraws the whole account of the rebalancer.
    function _drain() internal {
        uint256 balance = _balance(address(rebalancer), address(rebalancer));
        vm.prank(alice);
        rebalancer.withdraw(alice, balance);
    }
}

contract JobFailuresTest is StandardTest {
    function test_run__targetFails__backsOffAndHalts() public {
        target.set(MoodyTarget.Mood.Fails);
        uint256 pause = INTERVAL;
        for (uint8 failures = 1; failures < MAX_FAILURES; ++failures) {
            _advance(pause);
            assertEq(_job().failures, failures, "failures");
            pause *= 2;
            assertEq(rebalancer.nextExecutionTimestamp(), block.timestamp + pause, "next");
            assertEq(scheduler.transactionOf(_id()).timestamp, block.timestamp + pause, "booked for");
        }
        _advance(pause);
        assertTrue(_job().halted, "halted");
        assertFalse(_isBooked(), "not booked");
        assertEq(_count(IRecurringJobs.Halted.selector), 1, "told");
        assertFalse(rebalancer.fixReschedule(), "not fixed");
        _advance(365 days);
        assertEq(_count(IRecurringJobs.RebalanceFailed.selector), MAX_FAILURES, "no more");
    }

    function test_run__recovered__startsAnew() public {
        target.set(MoodyTarget.Mood.Fails);
        _advance(INTERVAL);
        target.set(MoodyTarget.Mood.Counts);
        _advance(2 * INTERVAL);
        assertEq(_job().failures, 0, "none");
        assertEq(scheduler.transactionOf(_id()).timestamp, block.timestamp + INTERVAL, "the interval");
        assertEq(rebalancer.lastRebalanceTimestamp(), block.timestamp, "last");
    }

    function test_run__targetBurnsAllOrFloods__nextIsBooked() public {
        for (uint256 mood = uint256(MoodyTarget.Mood.Fails); mood <= uint256(MoodyTarget.Mood.Floods); ++mood) {
            target.set(MoodyTarget.Mood(mood));
            _advance(INTERVAL << _job().failures);
            assertTrue(_isBooked(), "booked");
        }
        assertEq(_count(IRecurringJobs.RebalanceFailed.selector), 3, "failures");
        assertEq(_count(ITransactionScheduler.ExecutionFailed.selector), 0, "the rebalancer never");
    }

    function test_run__targetSkips__isNoFailure() public {
        target.set(MoodyTarget.Mood.Skips);
        _advance(INTERVAL);
        assertEq(_job().failures, 0, "none");
        assertEq(_count(IRecurringJobs.RunSkipped.selector), 1, "told");
        assertEq(_count(IRecurringJobs.Rebalanced.selector), 0, "and no run");
    }

    function test_run__targetWithoutCode__isAFailure() public {
        chain.etch(address(target), "");
        _advance(INTERVAL);
        assertEq(_job().failures, 1, "dead");
    }

    function test_revive__halted__needsASuccess() public {
        target.set(MoodyTarget.Mood.Fails);
        for (uint8 i = 0; i < MAX_FAILURES; ++i) {
            _advance(INTERVAL << i);
        }
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecurringJobs.Recurring_TargetFailed.selector, address(target), bytes32(MoodyTarget.Sulking.selector)
            )
        );
        rebalancer.revive();
        target.set(MoodyTarget.Mood.Counts);
        (bool ok,) = address(rebalancer).call{gas: 120_000}(abi.encodeCall(rebalancer.revive, ()));
        assertFalse(ok, "too little gas");
        vm.prank(outsider);
        rebalancer.revive();
        assertEq(target.runs(), 1, "run");
        assertEq(_job().failures, MAX_FAILURES - 1, "one left");
        assertTrue(_isBooked(), "booked");
        vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_NotHalted.selector, address(target)));
        rebalancer.revive();
    }

    function test_setRecurringConfig__halted__goesOn() public {
        target.set(MoodyTarget.Mood.Fails);
        for (uint8 i = 0; i < MAX_FAILURES; ++i) {
            _advance(INTERVAL << i);
        }
        IRecurringJobs.RecurringConfig memory config = rebalancer.recurringConfig();
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
        assertFalse(_job().halted, "goes on");
        assertTrue(_isBooked(), "booked");
    }

    function test_cost__permanentFailure__isBounded() public {
        target.set(MoodyTarget.Mood.Burns);
        uint256 before = _balance(address(rebalancer), address(rebalancer)) + scheduler.transactionOf(_id()).fee;
        uint256 fee = scheduler.transactionOf(_id()).fee;
        for (uint256 i = 0; i < 400; ++i) {
            _advance(INTERVAL);
            rebalancer.fixReschedule();
        }
        uint256 spent = before - _balance(address(rebalancer), address(rebalancer));
        assertLe(spent, MAX_FAILURES * fee, "five runs");
    }
}

contract JobBookingTest is StandardTest {
    function test_booking__noMoney__standsAndTells() public {
        _drain();
        _advance(INTERVAL);
        assertEq(target.runs(), 1, "the run stands");
        assertFalse(_isBooked(), "stuck");
        _assertFailure(IRecurringJobs.ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE, "code");
        Vm.Log memory log = _last(IRecurringJobs.FailedRecurringSchedule.selector);
        (uint256 expected, uint256 available) = abi.decode(log.data, (uint256, uint256));
        assertEq(expected, scheduler.rearmFee(rebalancer.number(), MARGIN), "expected");
        assertEq(available, 0, "available");
        assertEq(rebalancer.lastRebalanceTimestamp(), block.timestamp, "last");
    }

    function test_fixReschedule__late__isTheNextSecond() public {
        _drain();
        _advance(INTERVAL);
        uint256 last = block.timestamp;
        _skip(10 * INTERVAL);
        scheduler.deposit{value: 1 ether}(address(rebalancer), address(rebalancer));
        assertEq(rebalancer.nextExecutionTimestamp(), block.timestamp + 1, "next");
        assertTrue(rebalancer.fixReschedule(), "fixed");
        assertEq(scheduler.transactionOf(_id()).timestamp, block.timestamp + 1, "booked for");
        assertEq(rebalancer.lastRebalanceTimestamp(), last, "last");
        assertFalse(rebalancer.fixReschedule(), "nothing to do");
    }

    function test_fixReschedule__early__waitsForTheInterval() public {
        _drain();
        _advance(INTERVAL);
        uint256 last = block.timestamp;
        _skip(INTERVAL / 2);
        scheduler.deposit{value: 1 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
        assertEq(scheduler.transactionOf(_id()).timestamp, last + INTERVAL, "booked for");
    }

    function test_fixReschedule__duringTheRun__doesNothing() public {
        target.setCall(address(rebalancer), abi.encodeCall(rebalancer.fixReschedule, ()));
        _advance(INTERVAL);
        assertTrue(target.callOk(), "allowed");
        assertFalse(abi.decode(target.callAnswer(), (bool)), "nothing");
        assertEq(uint32(_id()), 2, "one booking");
    }

    function test_booking__paused__isTold() public {
        vm.prank(guardian);
        scheduler.pause();
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.SCHEDULER_PAUSED, "code");
        scheduler.unpause();
        assertTrue(rebalancer.fixReschedule(), "fixed");
    }

    function test_booking__aboveTheCap__isTold() public {
        vm.prank(alice);
        rebalancer.setCaps(1, 1);
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.SPENDING_CAP, "code");
    }

    function test_booking__noCapacity__isTold() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(60, 3, 2, 1));
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.SCHEDULER_FULL, "code");
    }

    function test_booking__shifted__keepsWhenItLastRan() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(60, 3_000_000, EFFORT, 1));
        RecurringRebalancer other = _createStandard(address(new MoodyTarget()));
        _advance(INTERVAL);
        _advance(INTERVAL);
        _advance(INTERVAL);
        (, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(other.number());
        IRecurringJobs.Job memory job = other.jobOf(other.number());
        assertLe(job.lastRebalance, block.timestamp, "not in the future");
        assertLe(job.lastRebalance + INTERVAL, booking.timestamp, "an interval at least");
    }

    function test_cancelAll__returnsAllAndAnybodyBooksAgain() public {
        uint256 fee = scheduler.transactionOf(_id()).fee;
        uint256 before = _balance(address(rebalancer), address(rebalancer));
        uint256 last = rebalancer.lastRebalanceTimestamp();
        vm.prank(alice);
        rebalancer.cancelAllScheduledTransactions();
        assertEq(_balance(address(rebalancer), address(rebalancer)), before + fee, "returned");
        assertFalse(_isBooked(), "not booked");
        assertEq(rebalancer.lastRebalanceTimestamp(), last, "last");
        rebalancer.fixReschedule();
        assertTrue(_isBooked(), "booked");
        assertEq(rebalancer.lastRebalanceTimestamp(), last, "still");
    }

    function test_close__stopsForGood() public {
        uint256 fee = scheduler.transactionOf(_id()).fee;
        uint256 before = _balance(address(rebalancer), address(rebalancer));
        vm.prank(alice);
        rebalancer.close();
        assertEq(_balance(address(rebalancer), address(rebalancer)), before + fee, "returned");
        assertFalse(rebalancer.fixReschedule(), "no more");
        vm.expectRevert(IRecurringRebalancer.RecurringRebalancer_Closed.selector);
        vm.prank(alice);
        rebalancer.close();
    }

    function test_setRecurringConfig__closed__reverts() public {
        IRecurringJobs.RecurringConfig memory config = rebalancer.recurringConfig();
        vm.prank(alice);
        rebalancer.close();
        vm.expectRevert(IRecurringRebalancer.RecurringRebalancer_Closed.selector);
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
    }

    /// @dev The remaining balance belongs to the owner and pays for no run.
    function test_availableFor__closed__isNothing() public {
        uint256 number = rebalancer.number();
        assertEq(rebalancer.availableFor(number), _balance(address(rebalancer), address(rebalancer)), "its account");
        vm.prank(alice);
        rebalancer.close();
        assertGe(_balance(address(rebalancer), address(rebalancer)), 1, "there is money");
        assertEq(rebalancer.availableFor(number), 0, "none for runs");
    }

    function test_constructor__unsound__reverts() public {
        uint8[2] memory failures = [0, 16];
        for (uint256 i = 0; i < failures.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_InvalidConfig.selector, type(uint256).max));
            new RecurringRebalancer(scheduler, address(target), alice, failures[i], _config());
        }
        vm.expectRevert(
            abi.encodeWithSelector(IRecurringRebalancer.RecurringRebalancer_InvalidAddress.selector, outsider)
        );
        new RecurringRebalancer(scheduler, outsider, alice, MAX_FAILURES, _config());
    }

    function test_expired__fixReschedule__booksAgainAndRefunds() public {
        uint256 id = _id();
        _skip(31 days);
        assertFalse(_isBooked(), "expired");
        uint256 before = _balance(address(rebalancer), address(rebalancer));
        assertTrue(rebalancer.fixReschedule(), "fixed");
        assertTrue(scheduler.statusOf(id) == ITransactionScheduler.Status.Expired, "told");
        assertEq(_balance(address(rebalancer), address(rebalancer)), before, "the refund pays");
        assertEq(rebalancer.lastRebalanceTimestamp(), START, "last");
    }

    function test_refreshFee__overdueAndDearer__isRaised() public {
        uint256 fee = scheduler.transactionOf(_id()).fee;
        chain.fee(10 * BASE_FEE);
        assertFalse(rebalancer.refreshFee(), "not due");
        _skip(INTERVAL);
        assertFalse(rebalancer.refreshFee(), "not overdue");
        _skip(60);
        assertTrue(rebalancer.refreshFee(), "raised");
        assertGe(scheduler.transactionOf(_id()).fee, 9 * fee, "to the present");
        assertFalse(rebalancer.refreshFee(), "once");
    }

    function test_receive__funds() public {
        uint256 before = _balance(address(rebalancer), address(rebalancer));
        (bool ok,) = address(rebalancer).call{value: 1 ether}("");
        assertTrue(ok, "taken");
        assertEq(_balance(address(rebalancer), address(rebalancer)), before + 1 ether, "in its account");
    }

    function test_owner__only() public {
        bytes[5] memory calls = [
            abi.encodeCall(rebalancer.close, ()),
            abi.encodeCall(rebalancer.cancelAllScheduledTransactions, ()),
            abi.encodeCall(rebalancer.withdraw, (outsider, 1)),
            abi.encodeCall(rebalancer.setCaps, (1, 1)),
            abi.encodeCall(rebalancer.setRecurringConfig, (_config()))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            vm.prank(outsider);
            (bool ok,) = address(rebalancer).call(calls[i]);
            assertFalse(ok, "refused");
        }
    }

    function test_setRecurringConfig__duringTheRun__reverts() public {
        vm.prank(alice);
        rebalancer.transferOwnership(address(target));
        vm.prank(address(target));
        rebalancer.acceptOwnership();
        target.setCall(address(rebalancer), abi.encodeCall(rebalancer.setRecurringConfig, (_config())));
        _advance(INTERVAL);
        assertFalse(target.callOk(), "refused");
        assertTrue(_isBooked(), "booked");
    }

    function test_setRecurringConfig__nothingCanBeBooked__reverts() public {
        IRecurringJobs.RecurringConfig memory config = rebalancer.recurringConfig();
        config.txFunder = address(0xDEAD);
        vm.expectRevert(
            abi.encodeWithSelector(
                IRecurringJobs.Recurring_ScheduleFailedAfterConfig.selector,
                IRecurringJobs.ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE
            )
        );
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
        assertEq(uint32(_id()), 1, "as before");
    }

    function test_setRecurringConfig__outOfRange__reverts() public {
        for (uint256 member = 0; member < 7; ++member) {
            if (member == 4 || member == 5) continue;
            IRecurringJobs.RecurringConfig memory config = rebalancer.recurringConfig();
            if (member == 0) config.interval = 0;
            if (member == 1) config.priority = ITransactionScheduler.Priority.High;
            if (member == 2) config.executionEffort = 379_999;
            if (member == 3) config.estimationMargin = 9_999;
            if (member == 6) config.txFunder = address(0);
            vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_InvalidConfig.selector, member));
            vm.prank(alice);
            rebalancer.setRecurringConfig(config);
        }
    }
}

/// @title Tests of good and bad external funders
contract JobFunderTest is StandardTest {
    MoodyFunder private funder;
    VaultFunder private purse;

    function setUp() public override {
        super.setUp();
        funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        purse = new VaultFunder(address(scheduler), alice);
        chain.deal(address(purse), 10 ether);
        vm.prank(alice);
        purse.setSpender(address(rebalancer), 0.1 ether, 0.2 ether);
        _use(address(funder));
    }

    function test_external__good__paysExactly() public {
        uint256 before = address(funder).balance;
        _advance(INTERVAL);
        uint256 fee = scheduler.transactionOf(_id()).fee;
        assertEq(before - address(funder).balance, fee, "exactly");
        assertEq(fee, scheduler.rearmFee(rebalancer.number(), MARGIN), "the estimate with its margin");
        assertEq(address(rebalancer).balance, 0, "nothing stays");
        assertGe(_balance(address(funder), address(rebalancer)), 1, "what was left of the run is the funder's");
    }

    function test_external__bad__isToldAndNothingIsLost() public {
        MoodyFunder.Mood[7] memory moods = [
            MoodyFunder.Mood.Boasts,
            MoodyFunder.Mood.GivesLess,
            MoodyFunder.Mood.GivesMore,
            MoodyFunder.Mood.Fails,
            MoodyFunder.Mood.Burns,
            MoodyFunder.Mood.Floods,
            MoodyFunder.Mood.Mute
        ];
        for (uint256 i = 0; i < moods.length; ++i) {
            _try(moods[i]);
        }
        assertEq(target.runs(), moods.length, "all runs stand");
    }

    function test_external__short__isTold() public {
        chain.deal(address(funder), 1);
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE, "code");
    }

    function test_external__givesLess__isTold() public {
        funder.set(MoodyFunder.Mood.GivesLess);
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.INSUFFICIENT_FEES_PROVIDED, "code");
    }

    function test_external__reverts__isTold() public {
        funder.set(MoodyFunder.Mood.Boasts);
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.FUNDER_REVERTED, "code");
    }

    function test_external__schedulerRefuses__moneyIsKeptForTheFunder() public {
        vm.prank(guardian);
        scheduler.pause();
        uint256 before = _worth();
        _advance(INTERVAL);
        _assertFailure(IRecurringJobs.ScheduleFailure.SCHEDULER_PAUSED, "code");
        assertEq(_worth() + _balance(executor, executor), before, "all there");
    }

    function test_external__strangerAsksAgainAndAgain__costsTheFunderNothing() public {
        _stick();
        funder.set(MoodyFunder.Mood.Pays);
        uint256 before = address(funder).balance;
        vm.prank(guardian);
        scheduler.pause();
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(outsider);
            rebalancer.fixReschedule();
        }
        scheduler.unpause();
        for (uint256 gas = 40_000; gas < 360_000; gas += 20_000) {
            vm.prank(outsider);
            (bool ok,) = address(rebalancer).call{gas: gas}(abi.encodeCall(rebalancer.fixReschedule, ()));
            assertFalse(ok, "too little gas");
        }
        assertEq(address(funder).balance, before, "not asked");
        assertTrue(rebalancer.fixReschedule(), "fixed");
    }

    function test_external__callsFixReschedule__losesNothing() public {
        _stick();
        funder.setCall(address(rebalancer), abi.encodeCall(rebalancer.fixReschedule, ()));
        uint256 before = _worth();
        rebalancer.fixReschedule();
        assertEq(_worth(), before, "nothing lost");
        assertEq(address(rebalancer).balance, 0, "nothing stays");
        funder.set(MoodyFunder.Mood.Pays);
        rebalancer.fixReschedule();
        assertTrue(_isBooked(), "booked");
        assertEq(_worth(), before, "once");
    }

    function test_external__callsForAChange__isRefused() public {
        bytes[5] memory calls = [
            abi.encodeCall(rebalancer.close, ()),
            abi.encodeCall(rebalancer.cancelAllScheduledTransactions, ()),
            abi.encodeCall(rebalancer.setRecurringConfig, (rebalancer.recurringConfig())),
            abi.encodeCall(rebalancer.refreshFee, ()),
            abi.encodeCall(rebalancer.revive, ())
        ];
        vm.prank(alice);
        rebalancer.transferOwnership(address(funder));
        vm.prank(address(funder));
        rebalancer.acceptOwnership();
        for (uint256 i = 0; i < calls.length; ++i) {
            _stick();
            funder.setCall(address(rebalancer), calls[i]);
            assertTrue(rebalancer.fixReschedule(), "booked, so the funder was asked");
            assertFalse(funder.callOk(), "refused");
            assertTrue(bytes4(funder.callAnswer()) == IRecurringJobs.Recurring_Busy.selector, "busy");
        }
    }

    /// @dev The scheduler accepts the booking when first asked, but is paused by the funder after its payment.
    function test_external__refusedAfterItPaid__isKeptForTheFunder() public {
        manager.grantRole(GUARDIAN, address(funder), 0);
        // Warms the storage in advance, since a funder has 50,000 gas.
        vm.prank(address(funder));
        scheduler.pause();
        scheduler.unpause();
        _stick();
        funder.setCall(address(scheduler), abi.encodeCall(scheduler.pause, ()));
        uint256 fee = scheduler.rearmFee(rebalancer.number(), MARGIN);
        uint256 before = _balance(address(funder), address(rebalancer));
        uint256 purseBefore = address(funder).balance;
        assertFalse(rebalancer.fixReschedule(), "not booked");
        assertTrue(funder.callOk(), "paused meanwhile");
        _assertFailure(IRecurringJobs.ScheduleFailure.SCHEDULER_PAUSED, "code");
        assertEq(purseBefore - address(funder).balance, fee, "it paid");
        assertEq(_balance(address(funder), address(rebalancer)), before + fee, "kept for it");
        assertEq(address(rebalancer).balance, 0, "nothing stays");
    }

    function test_vaultFunder__withinCaps__pays() public {
        _use(address(purse));
        uint256 runs = 0;
        for (uint256 i = 0; i < 40; ++i) {
            _advance(INTERVAL);
            if (_isBooked()) ++runs;
        }
        assertLe(10 ether - address(purse).balance, 0.2 ether + uint256(0.2 ether) * 40 * INTERVAL / DAY, "capped");
        assertGe(runs, 10, "some");
        assertFalse(_isBooked(), "the day's cap is used up");
        _assertFailure(IRecurringJobs.ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE, "code");
        uint256 before = address(purse).balance;
        uint256 collected = purse.collect(address(rebalancer));
        assertEq(address(purse).balance, before + collected, "fetched back");
        assertGe(collected, 0.05 ether, "what runs did not use");
        _skip(DAY);
        assertTrue(rebalancer.fixReschedule(), "a day later");
    }

    function test_vaultFunder__stranger__getsNothing() public {
        vm.prank(outsider);
        assertEq(purse.withdrawAvailable(1 ether), 0, "nothing");
        vm.expectRevert(abi.encodeWithSelector(Ownable.OwnableUnauthorizedAccount.selector, outsider));
        vm.prank(outsider);
        purse.withdraw(outsider, 1);
    }

    function test_refreshFee__external__asksTheFunder() public {
        chain.fee(4 * BASE_FEE);
        _skip(INTERVAL + 60);
        uint256 before = address(funder).balance;
        uint256 fee = scheduler.transactionOf(_id()).fee;
        assertTrue(rebalancer.refreshFee(), "raised");
        assertEq(before - address(funder).balance, scheduler.transactionOf(_id()).fee - fee, "the difference");
    }

    function _use(address payer) private {
        IRecurringJobs.RecurringConfig memory config = rebalancer.recurringConfig();
        (config.txFunder, config.funderKind) = (payer, IRecurringJobs.FunderKind.External);
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
    }

    function _stick() private {
        funder.set(MoodyFunder.Mood.Fails);
        _advance(INTERVAL);
        assertFalse(_isBooked(), "stuck");
    }

    /// @dev Returns all money of the funder, in every account.
    function _worth() private view returns (uint256) {
        return
            address(funder).balance + _balance(address(funder), address(rebalancer))
                + scheduler.transactionOf(_id()).fee;
    }

    function _try(MoodyFunder.Mood mood) private {
        funder.set(mood);
        uint256 before = _worth() + _balance(executor, executor);
        _advance(INTERVAL);
        assertEq(_worth() + _balance(executor, executor), before, "nothing lost");
        assertEq(address(rebalancer).balance, 0, "nothing stays");
        funder.set(MoodyFunder.Mood.Pays);
        rebalancer.fixReschedule();
        assertTrue(_isBooked(), "booked");
    }
}
