// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ISchedulerLens} from "@ballast/interfaces/ISchedulerLens.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {IL1FeeOracle} from "@ballast/interfaces/external/IL1FeeOracle.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";

import {Booker} from "../../doubles/Booker.sol";
import {BurningHandler} from "../../doubles/BurningHandler.sol";
import {HostileRecords} from "../../doubles/HostileRecords.sol";
import {AttackTest} from "./AttackTest.sol";

contract PerByte is IL1FeeOracle {
    function getL1FeeUpperBound(uint256 size) external pure returns (uint256) {
        return size * 1e10;
    }
}

/// @title Findings of an audit: hostile records, data of batches, efforts that no transaction can carry, full accounts
contract RecurringFindingsTest is AttackTest {
    uint256 private constant CAP = 1 << 24;
    uint256 private constant CALL_GAS = 30_000_000;

    /// @dev Fails if a page of hostile records needs more gas than a node gives to a call.
    function test_R2_sweepOfHostileRecords__endsWhereTheGasDoes() public {
        new HostileRecords(scheduler, 250, BurningHandler.Way.Burns);
        scheduler.withdraw(address(registry), address(this), _balance(address(this), address(registry)));
        _createPaid(address(target));
        uint256 number = registry.entryOf(address(target)).number;
        assertFalse(scheduler.isBooked(number), "stuck");
        (uint256 next, uint256 calls, uint256 found) = (1, 0, 0);
        while (next != 0) {
            uint256[] memory stuck;
            (,, stuck, next) = lens.sweep{gas: 2_000_000}(next, 500);
            if (stuck.length != 0) found = stuck[0];
            ++calls;
        }
        assertEq(found, number, "the honest one is found");
        assertGe(calls, 2, "in parts");
        (,,, next) = lens.sweep{gas: CALL_GAS}(1, 500);
        assertEq(next, 0, "all of them in one call of 30M gas");
    }

    function test_R2_page__endsWhereTheGasDoes() public {
        new HostileRecords(scheduler, 40, BurningHandler.Way.Burns);
        (ISchedulerLens.Row[] memory rows, uint256 next) = lens.page{gas: 1_000_000}(1, 40);
        assertEq(next, rows.length + 1, "goes on behind the last row");
        assertLe(rows.length, 39, "a part");
        assertGe(rows.length, 1, "at least one");
    }

    function test_R2_numbersOf__hostileContracts__areLeftOut() public {
        address[] memory handlers = new address[](5);
        handlers[0] = address(new BurningHandler(BurningHandler.Way.Burns));
        handlers[1] = address(new BurningHandler(BurningHandler.Way.Floods));
        handlers[2] = address(new BurningHandler(BurningHandler.Way.Reverts));
        handlers[3] = address(0xC0DE);
        handlers[4] = address(_createStandard(address(target)));
        uint256[] memory numbers = lens.numbersOf(handlers);
        assertEq(numbers.length, 5, "all were asked");
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(numbers[i], 0, "does not tell");
        }
        assertGe(numbers[4], 1, "tells");
        numbers = lens.numbersOf{gas: 75_000}(handlers);
        assertLe(numbers.length, 4, "as far as the gas lasts");
    }

    function test_R2_tooLittleGasForOne__reverts() public {
        _createPaid(address(target));
        (bool ok, bytes memory why) = address(lens).staticcall{gas: 90_000}(abi.encodeCall(lens.sweep, (1, 1)));
        assertFalse(ok, "reverts");
        assertTrue(bytes4(why) == ISchedulerLens.SchedulerLens_InsufficientGas.selector, "why");
    }

    /// @dev Fails if each booking of a batch is paid the data fee of a separate transaction.
    function test_R9_batchOnARollup__isPaidForTheDataOnce() public {
        ITransactionScheduler.Terms memory terms = _terms();
        terms.l1FeeOracle = address(new PerByte());
        (terms.premiumBps, terms.latePremiumBps) = (0, 0);
        TransactionScheduler rollup = new TransactionScheduler(address(manager), terms, _prices());
        TransactionScheduler plain = scheduler;
        bytes memory call = _batchOf(rollup, 20);
        uint256 paid = rollup.accountOf(executor, executor).balance;
        _batchOf(plain, 20);
        terms.l1FeeOracle = address(0);
        TransactionScheduler without = new TransactionScheduler(address(manager), terms, _prices());
        _batchOf(without, 20);
        uint256 data = paid - without.accountOf(executor, executor).balance;
        assertLe(data, (call.length + 250) * 1e10 + 20 * 5_000 * (BASE_FEE + TIP_CAP), "about one transaction's");
        assertLe(data, uint256(20) * 250 * 1e10 / 3, "far from twenty");
    }

    /// @dev Fails if the constructor admits an effort that no transaction can carry.
    function test_R11_effortsThatNoTransactionCarries__areRefused() public {
        ITransactionScheduler.Terms memory terms = _terms();
        uint24 most = uint24((CAP - 107_000) * 63 / 64);
        terms.maxEffort = most + 2;
        vm.expectRevert(ITransactionScheduler.TransactionScheduler_InvalidParameters.selector);
        new TransactionScheduler(address(manager), terms, _prices());
        terms.maxEffort = most;
        TransactionScheduler largest = new TransactionScheduler(address(manager), terms, _prices());
        Booker handler = new Booker(largest);
        largest.deposit{value: 100 ether}(address(handler), address(handler));
        ITransactionScheduler.Request memory request = _request();
        (request.payer, request.effort) = (address(handler), most);
        uint256 id = handler.book(request, "");
        _skip(DELAY);
        vm.prank(executor);
        bool ok = largest.execute{gas: CAP - 22_500}(id, "", executor);
        assertTrue(ok, "the largest can be executed");
    }

    /// @dev Fails if a refund or credit overflows into the caps, or if a full account stops an execution.
    function test_R12_accountFilledToTheBrim__staysFull() public {
        chain.deal(address(this), 1e30);
        address victim = address(booker);
        uint256 id = _book();
        scheduler.deposit{value: type(uint88).max - _balance(victim, victim)}(victim, victim);
        scheduler.deposit{value: type(uint88).max - _balance(executor, executor)}(executor, executor);
        _skip(DELAY);
        assertTrue(_execute(id), "executed");
        assertEq(_balance(victim, victim), type(uint88).max, "full");
        assertEq(scheduler.accountOf(victim, victim).perRun, 0, "and no cap");
        assertEq(_balance(executor, executor), type(uint88).max, "the executor's too");
    }

    function _batchOf(TransactionScheduler on, uint256 count) private returns (bytes memory call) {
        Booker handler = new Booker(on);
        on.deposit{value: 100 ether}(address(handler), address(handler));
        uint256[] memory ids = new uint256[](count);
        ITransactionScheduler.Request memory request = _request();
        request.payer = address(handler);
        for (uint256 i = 0; i < count; ++i) {
            ids[i] = handler.book(request, "");
        }
        _skip(DELAY);
        call = abi.encodeCall(on.executeBatch, (ids, new bytes[](0), executor));
        vm.prank(executor);
        (bool ok,) = address(on).call(call);
        assertTrue(ok, "batch");
    }
}
