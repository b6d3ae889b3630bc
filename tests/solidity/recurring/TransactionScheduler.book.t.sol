// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";

import {SchedulerTest} from "./SchedulerTest.sol";

/// @title Receiver that rejects money
contract Unwilling {
    receive() external payable {
        assembly {
            revert(0, 50000)
        }
    }

    function withdraw(TransactionScheduler scheduler, uint256 amount) external {
        scheduler.withdraw(address(this), address(this), amount);
    }
}

contract TransactionSchedulerBookTest is SchedulerTest {
    function test_schedule__account__paysTheEstimate() public {
        ITransactionScheduler.Request memory request = _request();
        request.marginBps = 12_345;
        (uint72 fee,, ITransactionScheduler.Refusal refusal) =
            scheduler.estimate(request.timestamp, request.priority, request.effort, 0);
        assertTrue(refusal == ITransactionScheduler.Refusal.None, "possible");
        uint256 before = _balance(address(booker), address(booker));
        uint256 id = booker.book(request, "");
        uint256 paid = (uint256(fee) * 12_345 + 9_999) / 10_000;
        assertEq(_feeOf(id), paid, "with its margin");
        assertEq(before - _balance(address(booker), address(booker)), paid, "from the account");
        assertEq(id, 1 << 32 | 1, "first of the first");
        _assertStatus(id, ITransactionScheduler.Status.Scheduled, "waits");
    }

    function test_schedule__value__isTheFeeAsAWhole() public {
        ITransactionScheduler.Request memory request = _request();
        uint256 fee = scheduler.calculateFee(request.priority, request.effort, 0);
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_InsufficientFee.selector, fee, fee - 1)
        );
        booker.book{value: fee - 1}(request, "");
        assertEq(_feeOf(booker.book{value: fee}(request, "")), fee, "exactly");
        assertEq(_feeOf(booker.book{value: 2 * fee}(request, "")), 2 * fee, "more");
    }

    function test_schedule__impossible__isRefused() public {
        ITransactionScheduler.Request memory request = _request();
        request.timestamp = uint40(block.timestamp);
        _assertRefused(request, "", ITransactionScheduler.Refusal.InvalidTimestamp);
        request = _request();
        request.effort = 19_999;
        _assertRefused(request, "", ITransactionScheduler.Refusal.InvalidEffort);
        request.effort = 15_000_001;
        _assertRefused(request, "", ITransactionScheduler.Refusal.InvalidEffort);
        request = _request();
        request.marginBps = 9_999;
        _assertRefused(request, "", ITransactionScheduler.Refusal.InvalidMargin);
        request = _request();
        _assertRefused(request, new bytes(1_025), ITransactionScheduler.Refusal.DataTooLarge);
        request.recurring = true;
        _assertRefused(request, "x", ITransactionScheduler.Refusal.DataTooLarge);
    }

    function test_schedule__anotherPayer__needsConsent() public {
        ITransactionScheduler.Request memory request = _request();
        request.payer = alice;
        scheduler.deposit{value: 10 ether}(alice, address(booker));
        uint256 fee = scheduler.calculateFee(request.priority, request.effort, 0);
        vm.expectRevert(abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_AboveCap.selector, fee, 0));
        booker.book(request, "");
        uint40 gwei_ = uint40(fee / 1 gwei + 1);
        vm.prank(alice);
        scheduler.setSpender(address(booker), gwei_, 2 * gwei_);
        booker.book(request, "");
        booker.book(request, "");
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_AboveCap.selector);
        booker.book(request, "");
        _skip(12 hours);
        request.timestamp = uint40(block.timestamp + 1);
        booker.book(request, "");
    }

    function test_cap__overTime__isNeverExceeded(uint256 seed) public {
        scheduler.deposit{value: 1_000 ether}(alice, address(booker));
        uint40 perDay = 40_000_000;
        vm.prank(alice);
        scheduler.setSpender(address(booker), perDay, perDay);
        uint256 spent = 0;
        for (uint256 i = 0; i < 40; ++i) {
            seed = uint256(keccak256(abi.encode(seed)));
            _skip(seed % 4 hours);
            ITransactionScheduler.Request memory request = _request();
            request.payer = alice;
            uint256 before = _balance(alice, address(booker));
            try booker.book(request, "") {} catch {}
            spent += before - _balance(alice, address(booker));
        }
        uint256 most = uint256(perDay) * 1 gwei;
        assertLe(spent, most + most * (block.timestamp - START) / 1 days, "bounded");
    }

    function test_cancel__handler__returnsAll() public {
        uint256 id = _book();
        uint256 before = _balance(address(booker), address(booker));
        uint256 fee = _feeOf(id);
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_NotHandler.selector, address(this))
        );
        scheduler.cancel(id);
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
        assertEq(_balance(address(booker), address(booker)), before + fee, "returned");
        _assertStatus(id, ITransactionScheduler.Status.Canceled, "status");
        _skip(DELAY);
        vm.expectRevert(_notScheduled(id, ITransactionScheduler.Status.Canceled));
        scheduler.execute(id, "", executor);
        vm.expectRevert(_notScheduled(id, ITransactionScheduler.Status.Canceled));
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
    }

    function test_rearm__ended__keepsHowItEnded() public {
        uint256 id = _bookRecurring();
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
        booker.ask(abi.encodeCall(scheduler.rearm, (1, uint40(block.timestamp + DELAY), 10_000)));
        _assertStatus(id, ITransactionScheduler.Status.Canceled, "first");
        _assertStatus(id + 1, ITransactionScheduler.Status.Scheduled, "second");
        _skip(DELAY);
        _execute(id + 1);
        booker.ask(abi.encodeCall(scheduler.rearm, (1, uint40(block.timestamp + DELAY), 10_000)));
        _assertStatus(id + 1, ITransactionScheduler.Status.Executed, "second");
        _skip(DELAY + 30 days + 1);
        booker.ask(abi.encodeCall(scheduler.rearm, (1, uint40(block.timestamp + DELAY), 10_000)));
        _assertStatus(id + 2, ITransactionScheduler.Status.Expired, "third");
        _assertStatus(id + 3, ITransactionScheduler.Status.Scheduled, "fourth");
    }

    function test_rearm__booked__reverts() public {
        uint256 id = _bookRecurring();
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_AlreadyScheduled.selector, id)
        );
        booker.ask(abi.encodeCall(scheduler.rearm, (1, uint40(block.timestamp + DELAY), 10_000)));
    }

    function test_rearm__stranger__reverts() public {
        uint256 id = _bookRecurring();
        _skip(DELAY);
        _execute(id);
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_NotHandler.selector, address(this))
        );
        scheduler.rearm(1, uint40(block.timestamp + DELAY), 10_000);
    }

    /// @dev A booking that is not recurring cannot be booked again under its number, in any state.
    function test_rearm__notRecurring__reverts() public {
        uint256 id = _book();
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_AlreadyScheduled.selector, id)
        );
        booker.ask(abi.encodeCall(scheduler.rearm, (id >> 32, uint40(block.timestamp + DELAY), 10_000)));
        _assertStatus(id, ITransactionScheduler.Status.Canceled, "as it was");
    }

    function test_reserve__effortOutOfRange__isRefused() public {
        uint24[2] memory efforts = [19_999, 15_000_001];
        for (uint256 i = 0; i < efforts.length; ++i) {
            vm.expectRevert(_refused(ITransactionScheduler.Refusal.InvalidEffort));
            scheduler.reserve(ITransactionScheduler.Priority.Low, efforts[i], alice);
        }
        assertEq(scheduler.records(), 0, "no record");
    }

    function test_estimate__tooMuchData__isRefused() public view {
        ITransactionScheduler.Request memory request = _request();
        (uint72 fee, uint40 slot, ITransactionScheduler.Refusal refusal) =
            scheduler.estimate(request.timestamp, request.priority, request.effort, 1_024);
        assertTrue(refusal == ITransactionScheduler.Refusal.None && fee != 0, "as much as there may be");
        (fee, slot, refusal) = scheduler.estimate(request.timestamp, request.priority, request.effort, 1_025);
        assertTrue(refusal == ITransactionScheduler.Refusal.DataTooLarge, "more");
        assertEq(uint256(fee) + slot, 0, "neither fee nor slot");
    }

    function test_topUp__anybody__raisesTheFee() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        vm.expectEmit(address(scheduler));
        emit ITransactionScheduler.FeeRaised(id, address(this), uint72(fee + 1 ether));
        scheduler.topUp{value: 1 ether}(id);
        assertEq(_feeOf(id), fee + 1 ether, "raised");
    }

    function test_raiseFee__dearer__takesTheDifference() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        chain.fee(2 * BASE_FEE);
        uint256 before = _balance(address(booker), address(booker));
        booker.ask(abi.encodeCall(scheduler.raiseFee, (id, 10_000)));
        assertEq(before - _balance(address(booker), address(booker)), _feeOf(id) - fee, "the difference");
        chain.fee(BASE_FEE);
        uint256 raised = _feeOf(id);
        booker.ask(abi.encodeCall(scheduler.raiseFee, (id, 10_000)));
        assertEq(_feeOf(id), raised, "never lower");
    }

    function test_raiseFee__marginBelowOne__isRefused() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        chain.fee(2 * BASE_FEE);
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.InvalidMargin));
        booker.ask(abi.encodeCall(scheduler.raiseFee, (id, 9_999)));
        assertEq(_feeOf(id), fee, "as before");
    }

    function test_expire__late__returnsAllButTheReward() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        uint256 before = _balance(address(booker), address(booker));
        _skip(DELAY + 30 days);
        vm.expectPartialRevert(ITransactionScheduler.TransactionScheduler_Expiry.selector);
        scheduler.expire(id);
        _skip(1);
        vm.prank(outsider);
        scheduler.expire(id);
        assertEq(_balance(outsider, outsider), 0.0005 ether, "reward");
        assertEq(_balance(address(booker), address(booker)), before + fee - 0.0005 ether, "rest");
        _assertStatus(id, ITransactionScheduler.Status.Expired, "status");
    }

    function test_withdraw__owner__only() public {
        vm.expectRevert(abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_InvalidAmount.selector, 1, 0));
        vm.prank(outsider);
        scheduler.withdraw(address(booker), outsider, 1);
        scheduler.deposit{value: 1 ether}(alice, address(booker));
        vm.prank(alice);
        scheduler.withdraw(address(booker), outsider, 1 ether);
        assertEq(outsider.balance, 1 ether, "received");
    }

    function test_withdraw__unwillingReceiver__harmsOnlyItself() public {
        Unwilling unwilling = new Unwilling();
        uint256 id = _book();
        _skip(DELAY);
        scheduler.execute(id, "", address(unwilling));
        uint256 owed = _balance(address(unwilling), address(unwilling));
        assertGe(owed, 1, "owed");
        vm.expectRevert(
            abi.encodeWithSelector(
                ITransactionScheduler.TransactionScheduler_TransferFailed.selector, address(unwilling)
            )
        );
        unwilling.withdraw(scheduler, owed);
    }

    function test_pause__stopsBookingsOnly() public {
        uint256 first = _book();
        uint256 second = _book();
        vm.prank(guardian);
        scheduler.pause();
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.Paused));
        _book();
        booker.ask(abi.encodeCall(scheduler.cancel, (second)));
        _skip(DELAY);
        assertTrue(_execute(first), "executed");
        booker.ask(abi.encodeCall(scheduler.withdraw, (address(booker), address(booker), 1 ether)));
        scheduler.unpause();
        _book();
    }

    function test_setPrices__order__isKept() public {
        ITransactionScheduler.Prices[3] memory bad = [_prices(), _prices(), _prices()];
        (bad[0].low, bad[1].medium, bad[2].high) = (9_999, 11_000, 12_500);
        for (uint256 i = 0; i < 3; ++i) {
            vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
            scheduler.setPrices(bad[i]);
        }
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        vm.prank(outsider);
        scheduler.setPrices(_prices());
    }

    function test_fee__risesWithEverything(uint24 effort, uint256 baseFee) public {
        effort = uint24(bound(effort, 20_000, 14_000_000));
        chain.fee(bound(baseFee, 0, 10_000 gwei));
        uint256 low = scheduler.calculateFee(ITransactionScheduler.Priority.Low, effort, 0);
        uint256 medium = scheduler.calculateFee(ITransactionScheduler.Priority.Medium, effort, 0);
        uint256 high = scheduler.calculateFee(ITransactionScheduler.Priority.High, effort, 0);
        assertTrue(low < medium && medium < high, "priority");
        assertTrue(low < scheduler.calculateFee(ITransactionScheduler.Priority.Low, effort + 1, 0), "effort");
        assertTrue(low < scheduler.calculateFee(ITransactionScheduler.Priority.Low, effort, 1), "data");
    }

    /// @dev A fee that fits its word without the margin but not with it is capped at the maximum.
    function test_fee__withMarginAboveTheMost__isTheMost() public {
        _bookRecurring();
        chain.fee(5e15);
        uint256 plain = scheduler.rearmFee(1, 10_000);
        assertLe(plain, type(uint72).max - 1, "fits");
        assertGe(2 * plain, uint256(type(uint72).max) + 1, "twice as much does not");
        assertEq(scheduler.rearmFee(1, 20_000), type(uint72).max, "the most");
    }

    function test_setSpender__oneCapWithoutTheOther__reverts() public {
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
        scheduler.setSpender(alice, 0, 1);
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
        scheduler.setSpender(alice, 1, 0);
        assertEq(scheduler.accountOf(address(this), alice).perDay, 0, "none");
    }

    function test_setCapacity__order__isKept() public {
        ITransactionScheduler.Capacity[3] memory bad = [
            ITransactionScheduler.Capacity(60, 3, 2, 0),
            ITransactionScheduler.Capacity(60, 3, 2, 2),
            ITransactionScheduler.Capacity(60, 3, 3, 2)
        ];
        for (uint256 i = 0; i < bad.length; ++i) {
            vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
            scheduler.setCapacity(bad[i]);
        }
        assertEq(scheduler.capacity().width, 0, "no limits");
    }

    function test_capacity__high__isRejectedAndOthersMove() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(60, 1_000_000, 600_000, 500_000));
        ITransactionScheduler.Request memory request = _request();
        (, uint40 slot,) = scheduler.estimate(request.timestamp, request.priority, request.effort, 0);
        assertEq(slot, request.timestamp, "free");
        booker.book(request, "");
        uint256 moved = booker.book(request, "");
        assertEq(scheduler.transactionOf(moved).timestamp, (request.timestamp / 60 + 1) * 60, "next slot");
        request.priority = ITransactionScheduler.Priority.High;
        booker.book(request, "");
        uint256 second = booker.book(request, "");
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.SlotFull));
        booker.book(request, "");
        booker.ask(abi.encodeCall(scheduler.cancel, (second)));
        booker.book(request, "");
    }

    function test_capacity__stuffed__endsTheSearch() public {
        scheduler.setCapacity(ITransactionScheduler.Capacity(1, 700_000, 600_000, 500_000));
        ITransactionScheduler.Request memory request = _request();
        for (uint256 i = 0; i < 32; ++i) {
            booker.book(request, "");
        }
        vm.expectRevert(_refused(ITransactionScheduler.Refusal.SlotFull));
        booker.book(request, "");
    }

    function test_terms__unsound__areRefused() public {
        ITransactionScheduler.Terms memory terms = _terms();
        terms.refundBps = 10_001;
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
        new TransactionScheduler(address(manager), terms, _prices());
        terms = _terms();
        terms.maxEffort = 16_777_000;
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
        new TransactionScheduler(address(manager), terms, _prices());
        assertTrue(keccak256(abi.encode(scheduler.terms())) == keccak256(abi.encode(_terms())), "as given");
    }

    function test_pending__pages__listWhatWaits() public {
        uint256 first = _book();
        uint256 second = _book();
        uint256 third = _book();
        booker.ask(abi.encodeCall(scheduler.cancel, (second)));
        (uint256[] memory ids, uint256 next) = scheduler.pending(1, 2);
        assertEq(ids.length, 1, "one");
        assertEq(ids[0], first, "the first");
        assertEq(next, 3, "on");
        (ids, next) = scheduler.pending(next, 2);
        assertEq(ids.length, 1, "one");
        assertEq(ids[0], third, "the third");
        assertEq(next, 0, "end");
    }

    function test_amend__free__changesTheTerms() public {
        uint256 id = _bookRecurring();
        bytes memory input =
            abi.encodeCall(scheduler.amend, (1, ITransactionScheduler.Priority.Low, 600_000, address(booker)));
        vm.expectRevert(
            abi.encodeWithSelector(ITransactionScheduler.TransactionScheduler_AlreadyScheduled.selector, id)
        );
        booker.ask(input);
        booker.ask(abi.encodeCall(scheduler.cancel, (id)));
        booker.ask(input);
        (, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(1);
        assertEq(booking.effort, 600_000, "effort");
        assertTrue(booking.priority == ITransactionScheduler.Priority.Low, "priority");
        _assertStatus(id, ITransactionScheduler.Status.Canceled, "status stays");
    }

    function _assertRefused(
        ITransactionScheduler.Request memory request,
        bytes memory data,
        ITransactionScheduler.Refusal refusal
    ) private {
        vm.expectRevert(_refused(refusal));
        booker.book(request, data);
    }
}
