// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceSupervisor} from "@ballast/interfaces/IRebalanceSupervisor.sol";
import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {Vm} from "../../support/Vm.sol";
import {SchedulerTest} from "../SchedulerTest.sol";

/// @title Cheat codes that return to an earlier state
interface Snapshots {
    function snapshotState() external returns (uint256);
    function revertToState(uint256 id) external returns (bool);
}

/// @title Invariants with a separate set-up, for any numbers
contract RecurringProperties is SchedulerTest {
    Snapshots private constant snapshots = Snapshots(address(vm));

    /// @dev For any times of executions, the runs in a window are at most those that fit, plus one.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R14_R16__missedRuns__coalesce(uint256 seed) public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        uint256 start = block.timestamp;
        uint256 last = 0;
        for (uint256 i = 0; i < 24; ++i) {
            uint256 draw = uint256(keccak256(abi.encode(seed, i)));
            _skip(bound(draw, 1, draw >> 255 == 0 ? INTERVAL : 5 * INTERVAL));
            uint256 runs = target.runs();
            _executeBatch(_present(rebalancer.number()));
            if (target.runs() == runs) continue;
            assertTrue(last == 0 || block.timestamp >= last + INTERVAL, "R14");
            last = block.timestamp;
        }
        assertLe(target.runs(), (block.timestamp - start) / INTERVAL + 1, "R16");
    }

    /// @dev The next run is never in the past, and the last possible one is at the maximum time.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R15__nextRun__isInTheFuture(uint32 interval, uint40 late, uint8 failures) public {
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.interval, config.txFunder) = (interval == 0 ? 1 : interval, address(0));
        RecurringRebalancer rebalancer = new RecurringRebalancer(scheduler, address(target), alice, 15, config);
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
        target.set(MoodyTarget.Mood.Fails);
        for (uint256 i = 0; i < failures % 8; ++i) {
            vm.warp(scheduler.transactionOf(_present(rebalancer.number())).timestamp);
            _executeBatch(_present(rebalancer.number()));
        }
        vm.warp(bound(late, block.timestamp, type(uint40).max - 1));
        uint256 pause = uint256(config.interval) << (failures % 8);
        uint256 next = rebalancer.lastRebalanceTimestamp() + pause;
        if (next <= block.timestamp) next = block.timestamp + 1;
        if (next > type(uint40).max) next = type(uint40).max;
        assertEq(rebalancer.nextExecutionTimestamp(), next, "R15");
    }

    /// @dev A target that always fails costs `maxFailures` fees, each after twice the previous interval, and then
    /// nothing.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R18__permanentFailure__costsAFewFees(uint8 maximum, uint8 mood, uint32 wait) public {
        maximum = uint8(bound(maximum, 1, 8));
        IRecurringJobs.RecurringConfig memory config = _config();
        config.txFunder = address(0);
        RecurringRebalancer rebalancer = new RecurringRebalancer(scheduler, address(target), alice, maximum, config);
        scheduler.deposit{value: 100 ether}(address(rebalancer), address(rebalancer));
        rebalancer.fixReschedule();
        target.set(MoodyTarget.Mood(bound(mood, uint256(MoodyTarget.Mood.Fails), uint256(MoodyTarget.Mood.Floods))));
        uint256 start = block.timestamp;
        uint256 number = rebalancer.number();
        uint256 fee = _feeOf(_present(number));
        for (uint256 i = 0; i < maximum; ++i) {
            assertFalse(rebalancer.jobOf(number).halted, "not yet");
            vm.warp(scheduler.transactionOf(_present(number)).timestamp);
            _executeBatch(_present(number));
            rebalancer.fixReschedule();
        }
        assertTrue(rebalancer.jobOf(number).halted, "halted");
        assertGe(block.timestamp - start, uint256(INTERVAL) * ((1 << maximum) - 1), "backed off");
        _skip(wait);
        assertFalse(rebalancer.fixReschedule(), "not booked again");
        uint256 left = _balance(address(rebalancer), address(rebalancer));
        assertLe(100 ether - left, maximum * fee, "R18");
    }

    /// @dev With any page size and any entries removed meanwhile, each remaining entry is visited in a round.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R20_R24__supervisor__visitsAll(uint256 page, uint256 removed) public {
        uint256 count = 7;
        address[] memory targets = _supervise(count);
        page = bound(page, 1, count);
        _stick(targets);
        for (uint256 i = 0; i < count; ++i) {
            if (removed >> i & 1 == 0) continue;
            vm.prank(guardian);
            registry.removePaidRebalancer(targets[i]);
        }
        for (uint256 i = 0; i < (count + page - 1) / page; ++i) {
            supervisor.poke(page);
        }
        for (uint256 i = 0; i < count; ++i) {
            bool gone = removed >> i & 1 == 1;
            if (gone) assertFalse(supervisor.isListed(targets[i]), "R24: dropped");
            else assertFalse(registry.isStuck(targets[i]), "R20: fixed");
        }
    }

    /// @dev One entry with a hostile funder, at any place and in any mood, does not change the result of the others.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R21__hostileEntry__changesNoOther(uint256 place, uint8 mood) public {
        address[] memory targets = _supervise(5);
        place = bound(place, 0, 4);
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        IRecurringJobs.RecurringConfig memory config = _config();
        (config.funderKind, config.txFunder) = (IRecurringJobs.FunderKind.External, address(funder));
        registry.updateRecurringConfig(targets[place], config);
        funder.setCall(address(supervisor), abi.encodeCall(supervisor.removePaidRebalancer, (targets[(place + 1) % 5])));
        uint256 most = uint256(MoodyFunder.Mood.Mute) + 1;
        if (mood % most != uint256(MoodyFunder.Mood.Calls)) funder.set(MoodyFunder.Mood(mood % most));
        _stick(targets);
        supervisor.poke(5);
        for (uint256 i = 0; i < 5; ++i) {
            if (i == place) continue;
            assertTrue(supervisor.isListed(targets[i]), "R21: listed");
            assertFalse(registry.isStuck(targets[i]), "R21: fixed");
            assertEq(scheduler.transactionOf(_idOf(targets[i])).timestamp, block.timestamp + 1, "R21: at the same time");
        }
    }

    /// @dev After a tick with any amount of money the next one is booked, or an event reports that it is not.
    /// forge-config: default.fuzz.runs = 64
    function testFuzz_R22__tick__booksTheNextOrTells(uint256 money) public {
        _supervise(2);
        uint256 balance = _balance(address(supervisor), address(supervisor));
        money = bound(money, 0, 0.2 ether);
        supervisor.withdraw(address(this), balance - money);
        uint256 number = supervisor.number();
        vm.warp(scheduler.transactionOf(_present(number)).timestamp);
        bool able = money >= scheduler.rearmFee(number, 10_000);
        vm.recordLogs();
        _executeBatch(_present(number));
        assertTrue(scheduler.isBooked(number) == able, "R22");
        assertTrue(_isTold() != able, "R22: told");
    }

    /// @dev The fee is monotone in all parameters.
    function testFuzz_R26__fee__isMonotone(uint24 effort, uint64 baseFee, uint16 margin, uint8 priority) public {
        effort = uint24(bound(effort, 20_000, 15_000_000 - 1));
        baseFee = uint64(bound(baseFee, 0, 1e12));
        margin = uint16(bound(margin, 10_000, 65_534));
        ITransactionScheduler.Request memory request = _request();
        (request.effort, request.marginBps, request.recurring) = (effort, margin, true);
        request.priority = ITransactionScheduler.Priority(priority % 3);
        chain.fee(baseFee);
        uint256 number = booker.book(request, "") >> 32;
        uint256 fee = scheduler.rearmFee(number, margin);
        assertGe(scheduler.rearmFee(number, margin + 1), fee, "R26: margin");
        uint256 plain = scheduler.calculateFee(request.priority, effort, 0);
        assertGe(scheduler.calculateFee(request.priority, effort + 1, 0), plain, "R26: effort");
        assertGe(scheduler.calculateFee(request.priority, effort, 100), plain, "R26: data");
        chain.fee(uint256(baseFee) + 1 gwei);
        assertGe(scheduler.calculateFee(request.priority, effort, 0), plain, "R26: base fee");
    }

    /// @dev The estimate is the required fee: one wei less is refused.
    function testFuzz_R27__estimate__isWhatIsRequired(uint256 seed, uint64 baseFee, bytes calldata data) public {
        ITransactionScheduler.Request memory request = _request();
        request.effort = uint24(bound(seed, 10_000, 15_000_010));
        request.priority = ITransactionScheduler.Priority((seed >> 64) % 3);
        request.timestamp = uint40(block.timestamp + bound(seed >> 80, 0, 1_000));
        chain.fee(bound(baseFee, 0, 1e12));
        (uint72 fee, uint40 slot, ITransactionScheduler.Refusal refusal) =
            scheduler.estimate(request.timestamp, request.priority, request.effort, data.length);
        if (refusal != ITransactionScheduler.Refusal.None) {
            vm.expectRevert(_refused(refusal));
            booker.book(request, data);
            return;
        }
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_InsufficientFee.selector);
        booker.book{value: fee - 1}(request, data);
        uint256 id = booker.book{value: fee}(request, data);
        assertEq(scheduler.transactionOf(id).timestamp, slot, "R27: the time");
        assertEq(_feeOf(id), fee, "R27: the fee");
    }

    /// @dev A batch has the same result as single executions, apart from the amounts paid.
    function testFuzz_R28__batch__endsAsSingles(uint256 seed) public {
        uint256[] memory ids = new uint256[](6);
        for (uint256 i = 0; i < 6; ++i) {
            ITransactionScheduler.Request memory request = _request();
            request.recurring = seed >> i & 1 == 1;
            request.timestamp = uint40(block.timestamp + bound(seed >> (8 * i + 16), 1, 2 * DELAY));
            ids[i] = booker.book(request, "");
        }
        if (seed >> 255 == 1) ids[5] = ids[0];
        _skip(DELAY);
        // One-shot bookings cannot be rearmed: the handler then fails, equally in both.
        if (seed >> 254 & 1 == 1) booker.setRearm(uint40(DELAY));
        uint256 state = snapshots.snapshotState();
        uint256 executed = scheduler.executeBatch(ids, new bytes[](0), executor);
        bytes32 batch = _stateOf(ids);
        snapshots.revertToState(state);
        uint256 singly = 0;
        for (uint256 i = 0; i < 6; ++i) {
            (bool done,) = address(scheduler).call(abi.encodeCall(scheduler.execute, (ids[i], "", executor)));
            if (done) singly |= 1 << i;
        }
        assertEq(singly, executed, "R28: which");
        assertTrue(_stateOf(ids) == batch, "R28: state");
    }

    /// @dev R6, R7, R8: for any gas use of the handler and any gas price of the executor.
    function testFuzz_R06_R07_R08__execution__isIsolatedAndCapped(uint24 effort, uint8 mood, uint256 price) public {
        ITransactionScheduler.Request memory request = _request();
        request.effort = uint24(bound(effort, 100_000, 14_000_000));
        uint256 id = booker.book(request, "");
        booker.set(Booker.Mood(mood % 4));
        uint256 fee = _feeOf(id);
        _skip(DELAY);
        uint256 most = scheduler.payoutOf(id) + 100_000 * (BASE_FEE + TIP_CAP);
        chain.txGasPrice(bound(price, BASE_FEE, type(uint64).max - 1));
        assertTrue(_execute(id) == (mood % 4 == 0), "R07: says how it went");
        uint256 pay = _balance(executor, executor);
        assertTrue(pay <= fee && pay <= most, "R07, R08");
        if (mood % 4 == 0) {
            assertTrue(booker.gasSeen() <= request.effort && booker.gasSeen() + 2_000 >= request.effort, "R06");
        }
    }

    function _executeBatch(uint256 id) private {
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        scheduler.executeBatch(ids, new bytes[](0), executor);
    }

    function _present(uint256 number) private view returns (uint256 id) {
        (id,) = scheduler.bookingOf(number);
    }

    function _stateOf(uint256[] memory ids) private view returns (bytes32 state) {
        state = keccak256(abi.encode(booker.calls(), booker.lastId()));
        for (uint256 i = 0; i < ids.length; ++i) {
            (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(ids[i] >> 32);
            state = keccak256(abi.encode(state, scheduler.statusOf(ids[i]), id, booking));
        }
        uint256 worth = _balance(address(booker), address(booker)) + _balance(executor, executor);
        state = keccak256(abi.encode(state, worth, address(scheduler).balance));
    }

    function _isTold() private returns (bool told) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].topics[0] == IRebalanceSupervisor.SupervisorRescheduleFailed.selector) told = true;
        }
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
            IRebalanceSupervisor.Schedule(1 hours, 2_000_000, 10_000, ITransactionScheduler.Priority.Medium)
        );
    }

    /// @dev All jobs have run and are not booked.
    function _stick(address[] memory targets) private {
        vm.prank(guardian);
        scheduler.pause();
        _skip(INTERVAL);
        for (uint256 i = 0; i < targets.length; ++i) {
            _executeBatch(_idOf(targets[i]));
        }
        scheduler.unpause();
        _skip(INTERVAL);
    }
}
