// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Attacks that prevent or delay runs
contract LivenessAttacks is AttackTest {
    /// @dev Fails if fixing a job that is booked changes or delays its booking.
    function test_A12_fixSpam__costsThePayerNothing() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        uint256 dueAt = scheduler.transactionOf(id).timestamp;
        uint256 before = _balance(address(this), address(registry));
        vm.recordLogs();
        for (uint256 i = 0; i < 10; ++i) {
            _skip(INTERVAL / 20);
            vm.prank(outsider);
            registry.fixReschedule(address(target));
        }
        assertEq(vm.getRecordedLogs().length, 0, "nothing emitted");
        assertEq(_idOf(address(target)), id, "the same booking");
        assertEq(scheduler.transactionOf(id).timestamp, dueAt, "the same time");
        assertEq(_balance(address(this), address(registry)), before, "the same money");
    }

    /// @dev Fails without the check whether the scheduler would accept the booking: each call would take a fee from the
    /// purse and use up its caps.
    function test_A12_fixSpamWhilePaused__usesUpNoCaps() public {
        VaultFunder purse = _stickWithPurse();
        vm.prank(guardian);
        scheduler.pause();
        uint256 available = purse.availableTo(address(registry));
        for (uint256 i = 0; i < 5; ++i) {
            vm.prank(outsider);
            registry.fixReschedule(address(target));
        }
        assertEq(purse.availableTo(address(registry)), available, "caps");
        scheduler.unpause();
        registry.fixReschedule(address(target));
        assertTrue(scheduler.isBooked(registry.entryOf(address(target)).number), "booked");
    }

    /// @dev Fails if a fix continues with less gas than a booking may need: the fee would be taken without a booking.
    /// forge-config: default.fuzz.runs = 64
    function test_A12_fixWithLittleGas__usesUpNoCaps(uint256 gas) public {
        VaultFunder purse = _stickWithPurse();
        scheduler.deposit{value: 1}(address(purse), address(registry));
        uint256 available = purse.availableTo(address(registry));
        vm.recordLogs();
        vm.prank(outsider);
        (bool done,) = address(registry).call{gas: bound(gas, 20_000, 400_000)}(
            abi.encodeCall(registry.fixReschedule, (address(target)))
        );
        if (scheduler.isBooked(registry.entryOf(address(target)).number)) return;
        assertFalse(done, "reverts, so an estimate of its gas is enough");
        assertEq(purse.availableTo(address(registry)), available, "caps");
        assertEq(_emitted(IRecurringJobs.FailedRecurringSchedule.selector), 0, "no alarm");
    }

    /// @dev Entries that fail, burn gas or are removed, at the start, in the middle and at the end. Fails without a gas
    /// limit for each, or if the entry that replaces a removed one is skipped.
    function test_A13_poisonedEntries__affectNoOther() public {
        address[] memory targets = _supervise(9);
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        for (uint256 i = 0; i < 9; i += 4) {
            registry.updateRecurringConfig(targets[i], _external(address(funder)));
        }
        funder.set(MoodyFunder.Mood.Burns);
        _stickAll(targets);
        for (uint256 i = 1; i < 9; i += 4) {
            vm.prank(guardian);
            registry.removePaidRebalancer(targets[i]);
        }
        supervisor.poke(9);
        for (uint256 i = 0; i < 9; ++i) {
            if (i % 4 >= 2) assertFalse(registry.isStuck(targets[i]), "the others are fixed");
            if (i % 4 == 0) assertTrue(registry.isStuck(targets[i]), "the funder's own fault");
        }
        assertEq(supervisor.length(), 7, "two dropped");
    }

    /// @dev Fails if a target can be listed twice: it would use the gas of two entries.
    function test_A13_duplicates__areRefused() public {
        address[] memory targets = _supervise(1);
        vm.expectRevert(abi.encodeWithSelector(IRebalanceSupervisor.RebalanceSupervisor_CannotAdd.selector, targets[0]));
        vm.prank(outsider);
        supervisor.addPaidRebalancer(targets[0]);
    }

    /// @dev With any amount of gas, a pass whose entries burn all their gas succeeds: a revert would undo the booking
    /// of the next tick. Fails without `TAIL_GAS`. The registry itself burns the gas here, which is worse than any
    /// funder.
    /// forge-config: default.fuzz.runs = 64
    function test_A13_anyGas__passEndsWell(uint256 gas) public {
        _supervise(4);
        IRebalanceSupervisor.Schedule memory schedule = supervisor.schedule();
        schedule.effort = uint24(bound(gas, 610_000, 2_000_000));
        supervisor.setSchedule(schedule);
        uint256 id = _idOfRecord(supervisor.number());
        vm.warp(scheduler.transactionOf(id).timestamp);
        chain.etch(address(registry), hex"fe");
        vm.recordLogs();
        assertTrue(_execute(id), "ended well");
        assertGe(_emitted(IRebalanceSupervisor.SupervisorItemFailed.selector), 1, "and told");
        assertTrue(scheduler.isBooked(supervisor.number()), "the next tick is booked");
    }

    /// @dev 300 removed entries before a live one. Fails if removed entries stay, or are visited more than once.
    function test_A13_deadEntries__areDroppedOnce() public {
        address[] memory targets = _supervise(301);
        for (uint256 i = 0; i < 300; ++i) {
            vm.prank(guardian);
            registry.removePaidRebalancer(targets[i]);
        }
        uint256 looked = 0;
        while (supervisor.length() > 1) {
            looked += supervisor.poke{gas: 5_000_000}(1_000);
        }
        assertLe(looked, 302, "each once");
        assertTrue(supervisor.isListed(targets[300]), "the last one lives");
    }

    /// @dev Fails if a supervisor without money stops without an event, or for ever.
    function test_A14_underfundedSupervisor__tellsAndIsPoked() public {
        _supervise(1);
        supervisor.withdraw(address(this), _balance(address(supervisor), address(supervisor)));
        uint256 id = _idOfRecord(supervisor.number());
        vm.warp(scheduler.transactionOf(id).timestamp);
        vm.recordLogs();
        _execute(id);
        assertEq(_emitted(IRebalanceSupervisor.SupervisorRescheduleFailed.selector), 1, "told");
        assertFalse(scheduler.isBooked(supervisor.number()), "not booked");
        scheduler.deposit{value: 1 ether}(address(supervisor), address(supervisor));
        vm.prank(outsider);
        supervisor.poke(0);
        assertTrue(scheduler.isBooked(supervisor.number()), "lives");
    }

    /// @dev `High` runs in its own second or not at all, so its slot can be filled; the attacker pays for that, and
    /// other bookings move past it, over at most 32 slots. Fails if the search is unbounded, or if one priority takes
    /// the room of another.
    function test_A21_slotStuffing__isBoundedAndPassesBy() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(10, 950_000, 900_000, 800_000));
        RecurringRebalancer rebalancer = _createStandard(address(target));
        uint256 id = _idOfRecord(rebalancer.number());
        ITransactionScheduler.Request memory request = _request();
        for (uint256 i = 0; i < 40; ++i) {
            request.timestamp = uint40(block.timestamp + 2 * INTERVAL + 10 * i);
            booker.book(request, "");
        }
        request.priority = ITransactionScheduler.Priority.High;
        booker.book(request, "");
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.SlotFull));
        booker.book(request, "");
        _skip(INTERVAL);
        vm.recordLogs();
        assertTrue(_execute(id), "the run stands");
        assertEq(_emitted(IRecurringJobs.FailedRecurringSchedule.selector), 1, "told");
        _skip(10 * INTERVAL);
        assertTrue(rebalancer.fixReschedule(), "once it is past, anybody fixes it");
    }

    /// @dev Slots of another width have separate numbers. Fails if old use of one slot is read as use of another.
    function test_A21_otherWidth__startsEmpty() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(60, 600_000, 550_000, 500_000));
        ITransactionScheduler.Request memory request = _request();
        uint256 slot = block.timestamp / 60 + 1;
        request.timestamp = uint40(slot * 60);
        booker.book(request, "");
        scheduler.setCapacity(ITransactionScheduler.Capacity(61, 600_000, 550_000, 500_000));
        vm.warp(slot * 61 - 1);
        (, uint40 found,) = scheduler.estimate(uint40(slot * 61), request.priority, request.effort, 0);
        assertEq(found, slot * 61, "where it was asked for");
    }

    /// @dev Fails if a past time is accepted, or if the maximum time overflows.
    function test_A22_limitsOfTime__areKept() public {
        ITransactionScheduler.Request memory request = _request();
        request.timestamp = uint40(block.timestamp);
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.InvalidTimestamp));
        booker.book(request, "");
        request.timestamp = uint40(block.timestamp + 1);
        booker.book(request, "");
        request.timestamp = type(uint40).max;
        uint256 id = booker.book(request, "");
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransactionScheduler.TransactionScheduler_NotDue.selector, block.timestamp, type(uint40).max
            )
        );
        _execute(id);
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.interval, config.txFunder) = (type(uint32).max, address(0));
        RecurringRebalancer rebalancer = new RecurringRebalancer(scheduler, address(target), alice, 15, config);
        assertEq(rebalancer.nextExecutionTimestamp(), block.timestamp + type(uint32).max, "136 years");
        vm.warp(type(uint40).max - 1);
        assertEq(rebalancer.nextExecutionTimestamp(), type(uint40).max, "the end");
    }

    /// @dev Three days without blocks. Fails if missed runs are made up for.
    function test_A22_outage__isFollowedByNoBurst() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        _skip(3 days);
        for (uint256 i = 0; i < 20; ++i) {
            uint256[] memory ids = new uint256[](1);
            ids[0] = _idOfRecord(rebalancer.number());
            scheduler.executeBatch(ids, new bytes[](0), executor);
            _skip(1);
        }
        assertEq(target.runs(), 1, "one run");
    }

    /// @dev At five times the gas price the fee is too low, and anyone can raise it. Fails without `refreshFee`, or if
    /// pay does not rise with lateness.
    function test_A23_baseFeeRises__feeIsRaised() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        uint256 id = _idOfRecord(rebalancer.number());
        _skip(INTERVAL + 61);
        chain.fee(5 * BASE_FEE);
        chain.txGasPrice(5 * BASE_FEE + 1 gwei);
        uint256 cost = uint256(EFFORT) * 5 * BASE_FEE;
        assertLe(scheduler.payoutOf(id), cost, "not worth it");
        vm.prank(outsider);
        assertTrue(rebalancer.refreshFee(), "raised");
        assertGe(scheduler.payoutOf(id), cost, "worth it");
        assertFalse(rebalancer.refreshFee(), "once");
    }

    /// @dev Low priority is not starved: when late, it pays the same premium as the others. Fails without the ramp.
    function test_A23_lowPriority__paysMoreTheLongerItWaits() public {
        ITransactionScheduler.Request memory request = _request();
        (request.priority, request.marginBps) = (ITransactionScheduler.Priority.Low, 20_000);
        uint256 id = booker.book(request, "");
        _skip(DELAY);
        uint256 first = scheduler.payoutFor(id, 100_000, BASE_FEE, 1);
        _skip(_terms().rampLow);
        assertGe(scheduler.payoutFor(id, 100_000, BASE_FEE, 1), first * 15_000 / 11_000, "the whole premium");
    }

    /// @dev Fails if a pause stops more than new bookings.
    function test_A31_pause__locksNothing() public {
        uint256 canceled = _book();
        uint256 executed = _book();
        uint256 expired = _book();
        RecurringRebalancer rebalancer = _createStandard(address(target));
        uint256 id = _idOfRecord(rebalancer.number());
        vm.prank(guardian);
        scheduler.pause();
        booker.ask(abi.encodeCall(scheduler.cancel, (canceled)));
        _skip(DELAY);
        assertTrue(_execute(executed) && _execute(id), "executed");
        assertEq(target.runs(), 1, "the run stands");
        _skip(31 days);
        scheduler.expire(expired);
        uint256 all = _balance(address(booker), address(booker));
        booker.ask(abi.encodeCall(scheduler.withdraw, (address(booker), address(booker), all)));
        assertEq(address(booker).balance, all, "withdrawn");
        uint256 earned = _earned();
        vm.prank(executor);
        scheduler.withdraw(executor, executor, earned);
        scheduler.unpause();
        assertTrue(rebalancer.fixReschedule(), "and goes on");
    }

    /// @dev Returns a funded purse of a stuck job: the job ran while the purse's cap was too low.
    function _stickWithPurse() private returns (VaultFunder purse) {
        purse = _purse(0.05 ether, 0.1 ether);
        _createPaidBy(address(purse));
        purse.setSpender(address(registry), 1, 1);
        _skip(INTERVAL);
        _execute(_idOf(address(target)));
        purse.setSpender(address(registry), 0.05 ether, 0.1 ether);
        _skip(1 days);
        assertTrue(registry.isStuck(address(target)), "stuck");
    }

    function _supervise(uint256 count) private returns (address[] memory targets) {
        targets = new address[](count);
        for (uint256 i = 0; i < count; ++i) {
            targets[i] = address(new MoodyTarget());
            _createPaid(targets[i]);
            supervisor.addPaidRebalancer(targets[i]);
        }
        scheduler.deposit{value: 100 ether}(address(supervisor), address(supervisor));
        supervisor.setSchedule(
            IRebalanceSupervisor.Schedule(1 hours, 6_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
    }

    function _stickAll(address[] memory targets) private {
        scheduler.setSpender(address(registry), 1, 1);
        _skip(INTERVAL);
        for (uint256 i = 0; i < targets.length; ++i) {
            _execute(_idOf(targets[i]));
        }
        scheduler.setSpender(address(registry), type(uint40).max, type(uint40).max);
    }
}
