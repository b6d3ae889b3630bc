// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {Booker} from "../doubles/Booker.sol";
import {SchedulerTest} from "./SchedulerTest.sol";

contract TransactionSchedulerExecuteTest is SchedulerTest {
    function test_execute__due__callsWithExactlyItsEffortAndPays() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        uint256 before = _balance(address(booker), address(booker));
        _skip(DELAY);
        assertTrue(_execute(id), "ok");
        assertEq(booker.calls(), 1, "called");
        assertEq(booker.lastId(), id, "id");
        assertLe(booker.gasSeen(), HANDLER_GAS, "at most its effort");
        assertGe(booker.gasSeen(), HANDLER_GAS - 2_000, "its effort, but for the dispatch");
        uint256 paid = _balance(executor, executor);
        assertGe(paid, 1, "paid");
        assertEq(_balance(address(booker), address(booker)) - before, fee - paid, "the rest returns");
        _assertStatus(id, ITransactionScheduler.Status.Executed, "status");
        assertEq(_feeOf(id), 0, "no escrow");
    }

    function test_execute__notDue__reverts() public {
        uint256 id = _book();
        _skip(DELAY - 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransactionScheduler.TransactionScheduler_NotDue.selector, block.timestamp, block.timestamp + 1
            )
        );
        scheduler.execute(id, "", executor);
    }

    function test_executePlain__cannotBe__revertsAsExecute() public {
        uint256 id = _book();
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransactionScheduler.TransactionScheduler_NotDue.selector, block.timestamp, block.timestamp + DELAY
            )
        );
        scheduler.executePlain(id);
        _skip(DELAY);
        assertTrue(scheduler.executePlain(id), "ok");
        vm.expectRevert(_notScheduled(id, ITransactionScheduler.Status.Executed));
        scheduler.executePlain(id);
    }

    function test_execute__twice__reverts() public {
        uint256 id = _book();
        _skip(DELAY);
        _execute(id);
        vm.expectRevert(_notScheduled(id, ITransactionScheduler.Status.Executed));
        scheduler.execute(id, "", executor);
    }

    function test_execute__neverIssued__reverts() public {
        uint256[5] memory ids = [uint256(0), 1, 7 << 32 | 1, type(uint256).max, (uint256(1) << 200) | 1];
        for (uint256 i = 0; i < ids.length; ++i) {
            vm.expectRevert(_notScheduled(ids[i], ITransactionScheduler.Status.Unknown));
            scheduler.execute(ids[i], "", executor);
        }
    }

    function test_execute__expired__reverts() public {
        uint256 id = _book();
        _skip(DELAY + 30 days);
        uint256 snapshot = block.timestamp;
        vm.warp(snapshot + 1);
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransactionScheduler.TransactionScheduler_Expiry.selector, snapshot + 1, START + DELAY + 30 days
            )
        );
        scheduler.execute(id, "", executor);
        vm.warp(snapshot);
        assertTrue(_execute(id), "the last second is good");
    }

    function test_execute__failingHandlers__areIsolatedAndPaidFor() public {
        for (uint256 mood = uint256(Booker.Mood.Fails); mood <= uint256(Booker.Mood.Floods); ++mood) {
            booker.set(Booker.Mood(mood));
            uint256 id = _book();
            uint256 fee = _feeOf(id);
            _skip(DELAY);
            uint256 before = _balance(executor, executor);
            assertFalse(_execute(id), "failed");
            uint256 paid = _balance(executor, executor) - before;
            assertGe(paid, 1, "paid");
            assertLe(paid, fee, "at most the fee");
            _assertStatus(id, ITransactionScheduler.Status.Executed, "executed all the same");
        }
        assertEq(booker.calls(), 0, "none counted");
    }

    function test_execute__reason__isItsFirstWord() public {
        booker.set(Booker.Mood.Fails);
        uint256 id = _book();
        _skip(DELAY);
        vm.expectEmit(address(scheduler));
        emit ITransactionScheduler.ExecutionFailed(id, bytes32(Booker.Sulking.selector));
        _execute(id);
    }

    function test_execute__tooLittleGas__revertsAndChangesNothing() public {
        uint256 id = _book();
        _skip(DELAY);
        for (uint256 gas = 60_000; gas < 590_000; gas += 26_500) {
            (bool ok,) = address(scheduler).call{gas: gas}(abi.encodeCall(scheduler.execute, (id, "", executor)));
            assertFalse(ok, "too little");
            _assertStatus(id, ITransactionScheduler.Status.Scheduled, "waits");
        }
        assertEq(booker.calls(), 0, "never called");
        assertTrue(_execute(id), "ok");
    }

    /// @dev With any amount of gas, the handler gets its whole effort or is not called.
    function test_execute__anyGas__givesAllEffortOrNothing(uint256 gas) public {
        gas = bound(gas, 500_000, 700_000);
        uint256 id = _book();
        _skip(DELAY);
        (bool ok,) = address(scheduler).call{gas: gas}(abi.encodeCall(scheduler.execute, (id, "", executor)));
        assertEq(booker.calls(), ok ? 1 : 0, "called");
        if (ok) assertGe(booker.gasSeen(), HANDLER_GAS - 2_000, "all");
    }

    function test_execute__data__mustBeWhatWasBooked() public {
        uint256 id = booker.book(_request(), "abc");
        assertTrue(scheduler.transactionOf(id).hasData, "has data");
        _skip(DELAY);
        bytes[3] memory wrong = [bytes(""), "abd", "abcd"];
        for (uint256 i = 0; i < wrong.length; ++i) {
            vm.expectRevert(ITransactionScheduler.TransactionScheduler_OtherData.selector);
            scheduler.execute(id, wrong[i], executor);
        }
        scheduler.execute(id, "abc", executor);
        assertTrue(keccak256(booker.lastData()) == keccak256("abc"), "given");
    }

    function test_execute__dataWhereNoneWasBooked__reverts() public {
        uint256 id = _book();
        _skip(DELAY);
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_OtherData.selector);
        scheduler.execute(id, "x", executor);
    }

    function test_execute__inside__reverts() public {
        uint256 other = _book();
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.execute, (other, "", outsider)));
        uint256 id = _book();
        _skip(DELAY);
        assertTrue(_execute(id), "ok");
        assertFalse(booker.callOk(), "refused");
        assertTrue(
            bytes4(booker.callAnswer()) == ITransactionScheduler.TransactionScheduler_Reentrancy.selector, "reason"
        );
        _assertStatus(other, ITransactionScheduler.Status.Scheduled, "the other waits");
    }

    function test_execute__cancelledByItselfMeanwhile__isRefused() public {
        uint256 id = _book();
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.cancel, (id)));
        _skip(DELAY);
        assertTrue(_execute(id), "ok");
        assertFalse(booker.callOk(), "refused");
        bytes memory reason = _notScheduled(id, ITransactionScheduler.Status.Executing);
        assertTrue(keccak256(booker.callAnswer()) == keccak256(reason), "reason");
    }

    function test_execute__statusMeanwhile__isExecuting() public {
        uint256 id = _bookRecurring();
        booker.setCall(address(scheduler), abi.encodeCall(scheduler.isBooked, (id >> 32)));
        _skip(DELAY);
        _execute(id);
        assertTrue(abi.decode(booker.callAnswer(), (bool)), "counts as booked");
        assertFalse(scheduler.isBooked(id >> 32), "no more");
    }

    function test_execute__rewardTo__isCredited() public {
        uint256 id = _book();
        _skip(DELAY);
        scheduler.execute(id, "", alice);
        assertGe(_balance(alice, alice), 1, "alice");
        id = _book();
        _skip(DELAY);
        vm.prank(outsider);
        scheduler.execute(id, "", address(0));
        assertGe(_balance(outsider, outsider), 1, "the caller");
    }

    function test_execute__rearmed__isBookedInPlace() public {
        booker.setRearm(uint40(DELAY));
        uint256 id = _bookRecurring();
        for (uint256 i = 0; i < 3; ++i) {
            _skip(DELAY);
            assertTrue(_execute(id + i), "ok");
            _assertStatus(id + i, ITransactionScheduler.Status.Executed, "old");
            _assertStatus(id + i + 1, ITransactionScheduler.Status.Scheduled, "new");
            _assertStatus(id + i + 2, ITransactionScheduler.Status.Unknown, "not yet");
        }
        assertEq(scheduler.records(), 1, "one record");
    }

    function test_payoutFor__isWhatIsPaid() public {
        uint256 id = _book();
        _skip(DELAY + 10);
        uint256 most = scheduler.payoutOf(id);
        uint256 cheap = scheduler.payoutFor(id, 50_000, BASE_FEE + 1 gwei, 1);
        _execute(id);
        uint256 paid = _balance(executor, executor);
        assertLe(paid, most, "at most");
        assertGe(paid, cheap, "at least what less gas pays");
        assertEq(scheduler.payoutOf(id), 0, "nothing more");
    }

    function test_payout__aboveTheTipCap__doesNotGrow() public {
        uint256[2] memory paid;
        for (uint256 i = 0; i < 2; ++i) {
            chain.txGasPrice(BASE_FEE + TIP_CAP + i * 1_000 gwei);
            uint256 id = _book();
            _skip(DELAY);
            uint256 before = _balance(executor, executor);
            // The first call pays for storage that the second one only updates.
            _execute(id);
            paid[i] = _balance(executor, executor) - before;
        }
        assertLe(paid[1], paid[0], "no more");
    }

    function test_payout__lateness__raisesThePremium() public {
        uint256 id = _book();
        _skip(DELAY);
        uint256 prompt = scheduler.payoutFor(id, 100_000, BASE_FEE, 1);
        _skip(12);
        uint256 half = scheduler.payoutFor(id, 100_000, BASE_FEE, 1);
        _skip(12);
        uint256 late = scheduler.payoutFor(id, 100_000, BASE_FEE, 1);
        _skip(1 days);
        assertEq(scheduler.payoutFor(id, 100_000, BASE_FEE, 1), late, "no more after the ramp");
        assertEq(half, prompt * 13_000 / 11_000, "half of the ramp");
        assertEq(late, prompt * 15_000 / 11_000, "all of it");
    }
}

contract TransactionSchedulerBatchTest is SchedulerTest {
    function test_executeBatch__some__leavesOutWhatCannotBe() public {
        uint256[] memory ids = new uint256[](5);
        ids[0] = _book();
        ids[1] = _book();
        _skip(DELAY);
        ids[2] = _book();
        ids[3] = ids[0];
        ids[4] = 99 << 32 | 1;
        vm.prank(executor);
        uint256 executed = scheduler.executeBatch(ids, new bytes[](0), executor);
        assertEq(executed, 3, "the first two");
        assertEq(booker.calls(), 2, "calls");
    }

    function test_executeBatch__data__goesToEach() public {
        uint256[] memory ids = new uint256[](2);
        bytes[] memory datas = new bytes[](2);
        (ids[0], ids[1]) = (booker.book(_request(), "abc"), _book());
        datas[0] = "abc";
        _skip(DELAY);
        assertEq(scheduler.executeBatch(ids, datas, executor), 3, "both");
    }

    function test_executeBatch__lengths__mustAgree() public {
        vm.expectRevert(abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_InvalidBatch.selector, 2, 1));
        scheduler.executeBatch(new uint256[](2), new bytes[](1), executor);
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_InvalidBatch.selector, 257, 0)
        );
        scheduler.executeBatch(new uint256[](257), new bytes[](0), executor);
    }

    function test_executeBatch__littleGas__endsEarly() public {
        uint256[] memory ids = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            ids[i] = _book();
        }
        _skip(DELAY);
        booker.set(Booker.Mood.Burns);
        uint256 executed = scheduler.executeBatch{gas: 1_250_000}(ids, new bytes[](0), executor);
        assertEq(executed, 3, "two");
        _assertStatus(ids[2], ITransactionScheduler.Status.Scheduled, "waits");
    }

    function test_executeBatch__paysLessPerJobThanSingles() public {
        uint256[] memory ids = new uint256[](10);
        for (uint256 i = 0; i < 10; ++i) {
            ids[i] = _book();
        }
        _skip(DELAY);
        assertLe(
            scheduler.payoutFor(ids[0], 50_000, BASE_FEE, 10),
            scheduler.payoutFor(ids[0], 50_000, BASE_FEE, 1) - 1,
            "less"
        );
        scheduler.executeBatch(ids, new bytes[](0), executor);
        assertEq(booker.calls(), 10, "calls");
    }

    function test_upkeep__due__isFoundAndPerformed() public {
        uint256 id = _book();
        (bool needed,) = scheduler.checkUpkeep("");
        assertFalse(needed, "not yet");
        _skip(DELAY);
        bytes memory performData;
        (needed, performData) = scheduler.checkUpkeep(abi.encode(1, 10, alice));
        assertTrue(needed, "due");
        vm.prank(outsider);
        scheduler.performUpkeep(performData);
        _assertStatus(id, ITransactionScheduler.Status.Executed, "executed");
        assertGe(_balance(alice, alice), 1, "who was named");
        scheduler.performUpkeep(performData);
        assertEq(booker.calls(), 1, "once");
    }

    /// @dev In a batch, two handlers burn their gas, and too little is left for the third.
    function test_upkeep__littleGas__endsEarly() public {
        uint256[] memory ids = new uint256[](3);
        for (uint256 i = 0; i < 3; ++i) {
            ids[i] = _book();
        }
        _skip(DELAY);
        booker.set(Booker.Mood.Burns);
        scheduler.performUpkeep{gas: 1_250_000}(abi.encode(ids, alice));
        _assertStatus(ids[1], ITransactionScheduler.Status.Executed, "two");
        _assertStatus(ids[2], ITransactionScheduler.Status.Scheduled, "waits");
        assertGe(_balance(alice, alice), 1, "paid for two");
    }
}
