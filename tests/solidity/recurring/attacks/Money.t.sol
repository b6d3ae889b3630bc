// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "@ballast/interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";
import {VaultFunder} from "@ballast/recurring/VaultFunder.sol";

import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Receiver that burns all gas
contract Burning {
    receive() external payable {
        assembly {
            invalid()
        }
    }
}

/// @title Attacks on the money of others
contract MoneyAttacks is AttackTest {
    /// @dev Fails if anyone is paid by a transfer: only a withdrawal makes one.
    function test_A06_refundReceiver__isNotCalled() public {
        uint256 id = _book();
        chain.etch(address(treasury), type(Burning).runtimeCode);
        chain.etch(address(executor), type(Burning).runtimeCode);
        _skip(DELAY);
        vm.expectCall(executor, "", 0);
        assertTrue(_execute(id), "executed");
        assertGe(_earned(), 1, "credited");
    }

    /// @dev Fails if a cancelled booking costs the payer, or if a new rebalancer runs at once.
    function test_A15_closeAndRecreate__costsThePayerNothing() public {
        _createPaid(address(target));
        uint256 worth = _payersWorth();
        for (uint256 i = 0; i < 5; ++i) {
            uint256 handle = registry.handleOf(address(target));
            vm.prank(alice);
            registry.deletePaidRebalancer(handle);
            vm.prank(alice);
            registry.createPaidRebalancer(address(target));
            assertGe(
                scheduler.transactionOf(_idOf(address(target))).timestamp, block.timestamp + INTERVAL, "not at once"
            );
        }
        assertEq(_payersWorth(), worth, "the payer's");
    }

    /// @dev If half of a cancelled fee is kept, the same loop costs the payer up to its caps. Fails without caps.
    function test_A15_closeAndRecreateWithPenalty__isCapped() public {
        scheduler.setSpender(address(registry), 30_000_000, 60_000_000);
        uint256 before = _balance(address(this), address(registry));
        for (uint256 i = 0; i < 10; ++i) {
            _createPaid(address(target));
            uint256 handle = registry.handleOf(address(target));
            _skip(INTERVAL);
            uint256 id = _idOf(address(target));
            if (scheduler.isBooked(id >> 32)) _execute(id);
            vm.prank(alice);
            registry.deletePaidRebalancer(handle);
        }
        assertLe(before - _balance(address(this), address(registry)), 0.06 ether * 10_200 / 10_000, "a day's cap");
    }

    /// @dev Reviving costs the caller, and each later failure costs one fee and an interval (R10). Fails if failures
    /// are reset.
    function test_A15_revivedOverAndOver__costsAFeeEachAndTime() public {
        _createPaid(address(target));
        _halt();
        uint256 before = _payersWorth();
        uint256 start = block.timestamp;
        for (uint256 i = 0; i < 3; ++i) {
            target.set(MoodyTarget.Mood.Counts);
            vm.prank(outsider);
            registry.revive(address(target));
            target.set(MoodyTarget.Mood.Fails);
            uint256 id = _idOf(address(target));
            vm.warp(scheduler.transactionOf(id).timestamp);
            _execute(id);
            assertTrue(registry.paidJobOf(address(target)).halted, "halted again");
        }
        assertGe(block.timestamp - start, 3 * uint256(INTERVAL), "time");
        assertLe(before - _payersWorth(), 3 * scheduler.rearmFee(1, MARGIN), "a fee each");
    }

    /// @dev A large effort with little work: the unused part is refunded. Fails if the whole fee is paid.
    function test_A15_largeEffortLittleWork__isMetered() public {
        IRecurringJobs.RecurringConfig memory config = _config();
        config.executionEffort = 10_000_000;
        registry.updateDefaultRecurringConfig(config);
        _createPaid(address(target));
        uint256 before = _payersWorth();
        _skip(INTERVAL);
        _execute(_idOf(address(target)));
        assertLe(before - _payersWorth(), 400_000 * (BASE_FEE + TIP_CAP), "what it used");
    }

    /// @dev Reports more than it gives, gives less, gives more, reverts, burns, floods, is mute, has no code. Fails if
    /// its report counts, or if money it sends is lost.
    function test_A17_funders__areBelievedNothing() public {
        MoodyFunder funder = new MoodyFunder();
        RecurringRebalancer rebalancer = _standardOf(address(funder));
        uint256 number = rebalancer.number();
        for (uint256 mood = 0; mood <= uint256(MoodyFunder.Mood.Mute); ++mood) {
            if (mood == uint256(MoodyFunder.Mood.Calls)) continue;
            chain.deal(address(funder), 1 ether);
            uint256 before = 1 ether + _balance(address(funder), address(rebalancer));
            funder.set(MoodyFunder.Mood(mood));
            bool booked = rebalancer.fixReschedule();
            bool able = mood == uint256(MoodyFunder.Mood.Pays) || mood == uint256(MoodyFunder.Mood.GivesMore);
            assertTrue(booked == able, "booked where it pays");
            uint256 fee = booked ? _feeOf(_idOfRecord(number)) : 0;
            uint256 present = address(funder).balance + _balance(address(funder), address(rebalancer)) + fee;
            assertEq(present, before, "all there");
            assertEq(address(rebalancer).balance, 0, "nothing stays");
            vm.prank(alice);
            rebalancer.cancelAllScheduledTransactions();
        }
        chain.etch(address(funder), "");
        assertFalse(rebalancer.fixReschedule(), "no funder");
    }

    /// @dev Fails if a refund is sent to the funder, or to the payer of the new configuration: here the old funder
    /// rejects money and can still be replaced.
    function test_A18_oldFunderRefusesRefund__canBeLeft() public {
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 1 ether);
        RecurringRebalancer rebalancer = _standardOf(address(funder));
        rebalancer.fixReschedule();
        uint256 fee = _feeOf(_idOfRecord(rebalancer.number()));
        funder.set(MoodyFunder.Mood.Fails);
        chain.etch(address(funder), type(Burning).runtimeCode);
        scheduler.deposit{value: 1 ether}(address(rebalancer), address(rebalancer));
        IRecurringJobs.RecurringConfig memory config = _config();
        config.txFunder = address(rebalancer);
        vm.prank(alice);
        rebalancer.setRecurringConfig(config);
        assertEq(_balance(address(funder), address(rebalancer)), fee, "the old funder's");
        assertTrue(scheduler.isBooked(rebalancer.number()), "booked by the new one");
    }

    /// @dev Fails if a refund goes to the current payer (FLO-17).
    function test_A19_funderSwitchedBeforeCancel__stealsNoRefund() public {
        _createPaid(address(target));
        uint256 fee = _feeOf(_idOf(address(target)));
        uint256 before = _balance(address(this), address(registry));
        VaultFunder thief = _purse(1 ether, 1 ether);
        registry.updateRecurringConfig(address(target), _external(address(thief)));
        uint256 handle = registry.handleOf(address(target));
        uint256 second = _feeOf(_idOf(address(target)));
        vm.prank(alice);
        registry.deletePaidRebalancer(handle);
        assertEq(_balance(address(this), address(registry)), before + fee, "the old payer's");
        assertEq(_balance(address(thief), address(registry)), second, "the new one's own");
    }

    /// @dev Cancellation and execution in the same block, in either order: one of them counts. Fails if one of them
    /// ignores the status.
    function test_A20_cancelAgainstExecute__oneCounts() public {
        uint256 first = _book();
        uint256 second = _book();
        uint256 before = _balance(address(booker), address(booker)) + _feeOf(first) + _feeOf(second);
        _skip(DELAY);
        booker.ask(abi.encodeCall(scheduler.cancel, (first)));
        vm.expectRevert(_notScheduled(first, ITransactionScheduler.Status.Canceled));
        _execute(first);
        _execute(second);
        vm.expectRevert(_notScheduled(second, ITransactionScheduler.Status.Executed));
        booker.ask(abi.encodeCall(scheduler.cancel, (second)));
        assertEq(_balance(address(booker), address(booker)) + _earned(), before, "each fee once");
    }

    /// @dev A cancellation at the last moment costs an executor a call that ends early. Fails if it costs much.
    function test_A20_lastMomentCancel__costsTheExecutorLittle() public {
        uint256 id = _book();
        _skip(DELAY);
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
        uint256 gas = gasleft();
        vm.prank(executor);
        (bool ok,) = address(scheduler).call(abi.encodeCall(scheduler.execute, (id, "", executor)));
        assertFalse(ok, "too late");
        assertLe(gas - gasleft(), 15_000, "little");
    }

    /// @dev Fails if anyone can be named as payer: only the owner of an account decides who books at its expense.
    function test_A24_victimAsPayer__isRefused(uint8 way) public {
        scheduler.deposit{value: 1 ether}(alice, address(booker));
        scheduler.deposit{value: 1 ether}(alice, alice);
        ITransactionScheduler.Request memory request = _request();
        request.payer = alice;
        request.recurring = way % 2 == 0;
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_AboveCap.selector);
        booker.book(request, "");
        IRecurringJobs.RecurringConfig memory config = _config();
        config.txFunder = alice;
        RecurringRebalancer rebalancer =
            new RecurringRebalancer(scheduler, address(target), outsider, MAX_FAILURES, config);
        assertFalse(rebalancer.fixReschedule(), "not at her expense");
        VaultFunder purse = _purse(1 ether, 1 ether);
        assertFalse(_standardOf(address(purse)).fixReschedule(), "nor at a purse's");
        assertEq(_balance(alice, alice) + _balance(alice, address(booker)), 2 ether, "hers");
    }

    /// @dev No one books for another handler, and a handler accepts calls only from the scheduler. Fails without
    /// either.
    function test_A24_victimAsHandler__isRefused() public {
        _createPaid(address(target));
        uint256 id = _idOf(address(target));
        vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_NotScheduler.selector, outsider, id));
        vm.prank(outsider);
        registry.executeTransaction(id, "");
        TransactionScheduler other = new TransactionScheduler(address(manager), _terms(), _prices());
        vm.expectRevert(abi.encodeWithSelector(IRecurringJobs.Recurring_NotScheduler.selector, address(other), id));
        vm.prank(address(other));
        registry.executeTransaction(id, "");
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_NotHandler.selector, outsider)
        );
        vm.prank(outsider);
        scheduler.rearm(id >> 32, uint40(block.timestamp + 1), 10_000);
    }

    /// @dev Fails if the balance of the contract counts instead of the recorded deposits.
    function test_A27_forcedEther__changesNothing() public {
        uint256 id = _book();
        chain.deal(address(scheduler), address(scheduler).balance + 1 ether);
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        RecurringRebalancer rebalancer = _standardOf(address(funder));
        chain.deal(address(rebalancer), 1 ether);
        rebalancer.fixReschedule();
        assertEq(
            10 ether - address(funder).balance, _feeOf(_idOfRecord(rebalancer.number())), "the funder pays all the same"
        );
        uint256 owed = _feeOf(id) + _feeOf(_idOfRecord(rebalancer.number()))
            + _balance(address(booker), address(booker)) + _balance(address(this), address(registry));
        assertEq(address(scheduler).balance, owed + 1 ether, "nobody's");
        _skip(DELAY);
        assertTrue(_execute(id), "goes on");
    }

    /// @dev Limits of effort, fee, interval and time. Fails if a number is truncated instead of refused.
    function test_A28_limitsOfNumbers__areRefusedNotCut() public {
        chain.fee(type(uint64).max);
        assertEq(
            scheduler.calculateFee(ITransactionScheduler.Priority.High, type(uint24).max, 1_024),
            type(uint72).max,
            "as good as infinite"
        );
        chain.fee(BASE_FEE);
        ITransactionScheduler.Request memory request = _request();
        chain.deal(address(this), 10_000 ether);
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_InsufficientFee.selector);
        booker.book{value: uint256(type(uint72).max) + 1}(request, "");
        uint256 id = booker.book{value: 4_000 ether}(request, "");
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_InvalidAmount.selector);
        scheduler.topUp{value: 800 ether}(id);
        chain.deal(address(this), uint256(type(uint88).max) + 1);
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_InvalidAmount.selector);
        scheduler.deposit{value: uint256(type(uint88).max) + 1}(alice, alice);
        request.effort = type(uint24).max;
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.InvalidEffort));
        booker.book(request, "");
    }

    /// @dev After the last generation, the record's next id has generation 0, and no other record changes.
    function test_A28_generation__wrapsWithinItsRecord() public {
        uint256 id = _bookRecurring();
        uint256 other = _bookRecurring();
        bytes32 slot = keccak256(abi.encode(id >> 32, _bookingsSlot(id >> 32)));
        uint256 word = uint256(chainLoad(slot));
        chainStore(slot, bytes32(word | (uint256(type(uint32).max) << 8)));
        _skip(DELAY);
        booker.setRearm(uint40(DELAY));
        assertTrue(_execute((id >> 32) << 32 | type(uint32).max), "the last generation");
        assertEq(scheduler.transactionOf((id >> 32) << 32).timestamp, block.timestamp + DELAY, "wrapped");
        _assertStatus(other, ITransactionScheduler.Status.Scheduled, "another record");
    }

    /// @dev Prices may change between estimate and booking: a caller with value must send the new fee, and an account
    /// is charged within its caps. Fails if the old estimate binds, or nothing does.
    function test_A30_pricesChange__withinCapsOrRefused() public {
        ITransactionScheduler.Request memory request = _request();
        uint256 fee = scheduler.calculateFee(request.priority, request.effort, 0);
        uint256 booked = _book();
        uint256 feeBefore = _feeOf(booked);
        booker.ask(abi.encodeCall(scheduler.setSpender, (address(booker), uint40(fee / 1e9 + 1), type(uint40).max)));
        ITransactionScheduler.Prices memory prices = _prices();
        (prices.high, prices.medium, prices.low) = (60_000, 50_000, 40_000);
        scheduler.setPrices(prices);
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_InsufficientFee.selector);
        booker.book{value: fee}(request, "");
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_AboveCap.selector);
        booker.book(request, "");
        assertEq(_feeOf(booked), feeBefore, "what is booked keeps its fee");
        uint256 before = _balance(address(booker), address(booker));
        booker.ask(abi.encodeCall(scheduler.cancel, (booked)));
        assertEq(_balance(address(booker), address(booker)) - before, feeBefore, "and its terms");
    }

    /// @dev A fee raised in small steps. Fails without `_requireRun`: one run would cost more than its cap.
    function test_A30_feeRaisedBitByBit__staysWithinTheRunsCap() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        uint256 id = _idOfRecord(rebalancer.number());
        uint256 cap = _feeOf(id) * 3 / 2;
        vm.prank(alice);
        rebalancer.setCaps(uint40(cap / 1e9), type(uint40).max);
        _skip(INTERVAL + 61);
        for (uint256 i = 1; i <= 20; ++i) {
            chain.fee(BASE_FEE + i * 2 gwei);
            rebalancer.refreshFee();
        }
        assertLe(_feeOf(id), cap, "the cap of a run");
    }

    function _payersWorth() private view returns (uint256) {
        return _balance(address(this), address(registry)) + lens.escrowed(1, scheduler.records());
    }

    function _halt() private {
        target.set(MoodyTarget.Mood.Fails);
        while (!registry.paidJobOf(address(target)).halted) {
            uint256 id = _idOf(address(target));
            vm.warp(scheduler.transactionOf(id).timestamp);
            _execute(id);
        }
    }

    /// @dev Returns the storage slot of the bookings: its entry for a record begins with the handler.
    function _bookingsSlot(uint256 number) private view returns (uint256 slot) {
        for (; slot < 32; ++slot) {
            uint256 word = uint256(chainLoad(keccak256(abi.encode(number, slot))));
            if (address(uint160(word >> 80)) == address(booker)) return slot;
        }
        revert("not found");
    }

    function chainLoad(bytes32 slot) private view returns (bytes32) {
        return Slots(address(vm)).load(address(scheduler), slot);
    }

    function chainStore(bytes32 slot, bytes32 word) private {
        Slots(address(vm)).store(address(scheduler), slot, word);
    }
}

/// @title Cheat codes that read and write storage
interface Slots {
    function load(address account, bytes32 slot) external view returns (bytes32);
    function store(address account, bytes32 slot, bytes32 value) external;
}
