// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IScheduledHandler} from "@ballast/interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {RecurringRebalancer} from "@ballast/recurring/RecurringRebalancer.sol";
import {TransactionScheduler} from "@ballast/recurring/TransactionScheduler.sol";

import {Booker} from "../../doubles/Booker.sol";
import {MoodyFunder} from "../../doubles/MoodyFunder.sol";
import {MoodyTarget} from "../../doubles/MoodyTarget.sol";
import {AttackTest} from "./AttackTest.sol";

/// @title Handler that uses little gas in a simulation and all of its effort otherwise
contract Flickerer is IScheduledHandler {
    address private immutable _simulator;

    constructor(address simulator) {
        _simulator = simulator;
    }

    function book(TransactionScheduler scheduler, ITransactionScheduler.Request calldata request)
        external
        payable
        returns (uint256 id)
    {
        (id,) = scheduler.schedule{value: msg.value}(request, "");
    }

    function executeTransaction(uint256, bytes calldata) external view {
        if (tx.origin == _simulator) return;
        assembly {
            invalid()
        }
    }
}

/// @title Data price of a rollup, a fixed amount per byte
contract DataPrice {
    uint256 public constant PER_BYTE = 1e10;

    function getL1FeeUpperBound(uint256 size) external pure returns (uint256) {
        return size * PER_BYTE;
    }
}

/// @title Funder that uses nearly all its gas and then pays too much
contract GreedyFunder {
    uint256 private immutable _left;

    constructor(uint256 left) {
        _left = left;
    }

    receive() external payable {}

    function minimumAvailable() external view returns (uint256) {
        _burn(1_000);
        return type(uint256).max;
    }

    function withdrawAvailable(uint256 maximum) external returns (uint256) {
        _burn(_left);
        (bool ok,) = msg.sender.call{value: 2 * maximum}("");
        require(ok, "not taken");
        return maximum;
    }

    function _burn(uint256 left) private view {
        while (gasleft() > left) {}
    }
}

/// @title Attacks through gas and its price
contract GasAttacks is AttackTest {
    /// @dev Fails without `_gasFor`: an executor with less gas would make the handler fail below its effort, and be
    /// paid.
    function test_A01_tooLittleGas__handlerFailsForPay(uint256 gas) public {
        uint256 id = _book();
        _skip(DELAY);
        gas = bound(gas, 30_000, 700_000);
        vm.prank(executor);
        (bool done,) = address(scheduler).call{gas: gas}(abi.encodeCall(scheduler.execute, (id, "", executor)));
        if (!done) {
            assertEq(_earned(), 0, "no pay");
            _assertStatus(id, ITransactionScheduler.Status.Scheduled, "still waits");
            return;
        }
        assertEq(booker.calls(), 1, "the handler succeeded");
        assertGe(booker.gasSeen(), HANDLER_GAS - 2_000, "with all of its effort");
    }

    /// @dev The job keeps the gas for booking, however much its target burns. Fails without `BOOKING_GAS`.
    function test_A01_targetBurnsAll__nextRunIsBooked() public {
        RecurringRebalancer rebalancer = _createStandard(address(target));
        target.set(MoodyTarget.Mood.Burns);
        _skip(INTERVAL);
        assertTrue(_execute(_idOfRecord(rebalancer.number())), "the handler ended well");
        assertTrue(scheduler.isBooked(rebalancer.number()), "booked");
    }

    /// @dev Fails if a reason or an answer is copied completely: the flood would use the gas of the settlement.
    function test_A02_floods__costNobodyElse() public {
        booker.set(Booker.Mood.Floods);
        uint256 id = _book();
        _skip(DELAY);
        vm.recordLogs();
        assertFalse(_execute(id), "failed");
        assertLe(_billed(), HANDLER_GAS + 46_000 + 50_000, "the copy is not billed");
        target.set(MoodyTarget.Mood.Floods);
        MoodyFunder funder = new MoodyFunder();
        chain.deal(address(funder), 10 ether);
        RecurringRebalancer rebalancer = _standardOf(address(funder));
        rebalancer.fixReschedule();
        funder.set(MoodyFunder.Mood.Floods);
        _skip(INTERVAL);
        assertTrue(_execute(_idOfRecord(rebalancer.number())), "the rebalancer survives target and funder");
    }

    /// @dev Worst case of funder and book: all gas burned, too much sent, 32 full slots searched, and the target has
    /// burned its part before. Fails if `BOOKING_GAS` is too small: the run would be reverted and not counted as a
    /// failure.
    function test_A02_greedyFunderFullBook__runStands() public {
        for (uint256 left = 11_000; left <= 17_000; left += 1_000) {
            _runGreedily(left, left % 2_000 == 0 ? 32 : 31);
        }
    }

    function _runGreedily(uint256 left, uint256 slots) private {
        GreedyFunder funder = new GreedyFunder(left);
        chain.deal(address(funder), 10 ether);
        RecurringRebalancer rebalancer = _standardOf(address(funder));
        rebalancer.fixReschedule();
        uint256 id = _idOfRecord(rebalancer.number());
        _stuff(block.timestamp + 3 * INTERVAL, slots);
        target.set(MoodyTarget.Mood.Burns);
        _skip(INTERVAL);
        assertTrue(_execute(id), "the rebalancer ended well");
        assertEq(rebalancer.jobOf(rebalancer.number()).failures, 1, "counted");
        assertEq(address(rebalancer).balance, 0, "nothing stays");
        assertTrue(scheduler.isBooked(rebalancer.number()) == (slots == 31), "booked where there is room");
        scheduler.setCapacity(ITransactionScheduler.Capacity(0, 0, 0, 0));
        _skip(INTERVAL * 40);
    }

    /// @dev Gas is measured, so a higher gas limit earns nothing. Fails if the limit is billed.
    function test_A03_hugeGasLimit__isNotBilled() public {
        uint256 first = _book();
        uint256 second = _book();
        _skip(DELAY);
        vm.recordLogs();
        vm.prank(executor);
        scheduler.execute{gas: 700_000}(first, "", executor);
        uint256 little = _billed();
        vm.recordLogs();
        vm.prank(executor);
        scheduler.execute{gas: 16_000_000}(second, "", executor);
        assertLe(_billed(), little, "not more");
    }

    /// @dev Fails if `transactionGas` and `settlementGas` are far off: honest executors would lose, or spam would pay.
    function test_A04_fixedGas__coversTheCostAndLittleMore() public {
        _execute(_bookAndSkip());
        uint256 id = _bookAndSkip();
        vm.recordLogs();
        vm.prank(executor);
        uint256 gas = gasleft();
        scheduler.execute(id, "", executor);
        // 21,000 and the calldata: four words and a selector, mostly zeroes.
        gas = gas - gasleft() + 21_000 + 1_200;
        uint256 billed = _billed();
        assertGe(billed * 11 / 10, gas, "with its premium the bill covers the cost");
        assertLe(billed, gas + 30_000, "and not much more");
    }

    /// @dev Fails without `tipCap`: pay would rise with a gas price that the executor sets and gets back.
    function test_A05_inflatedGasPrice__doesNotRaiseThePay(uint256 price) public {
        price = bound(price, BASE_FEE + TIP_CAP, 1e15);
        uint256 first = _bookAndSkip();
        uint256 second = booker.book(_requestAt(block.timestamp + 1), "");
        chain.txGasPrice(BASE_FEE + TIP_CAP);
        _execute(first);
        uint256 honest = _earned();
        _skip(1);
        chain.txGasPrice(price);
        _execute(second);
        assertLe(_earned() - honest, honest, "not more");
    }

    /// @dev Fails if gas is not metered, or if the fee does not cover the effort: the executor would pay for the burned
    /// gas.
    function test_A07_burnAfterSimulation__isPaidFor() public {
        uint256 id = _bookAndSkip();
        booker.set(Booker.Mood.Burns);
        chain.txGasPrice(BASE_FEE + 1 gwei);
        _execute(id);
        assertGe(_earned(), uint256(HANDLER_GAS) * (BASE_FEE + 1 gwei), "all that was burned");
    }

    /// @dev A handler that behaves only in simulations. Fails if a revert is not paid for.
    function test_A08_flickering__isPaidForAsAFailure() public {
        Flickerer handler = new Flickerer(address(0x51));
        ITransactionScheduler.Request memory request = _request();
        request.payer = address(handler);
        uint256 fee = scheduler.calculateFee(request.priority, request.effort, 0);
        uint256 id = handler.book{value: fee}(scheduler, request);
        _skip(DELAY);
        chain.prank(executor, executor);
        assertFalse(scheduler.execute(id, "", executor), "flickered");
        assertGe(_earned(), uint256(HANDLER_GAS) * (BASE_FEE + 1 gwei), "paid for its effort");
        assertLe(_earned(), fee, "at most the fee");
    }

    /// @dev Fails if the data fee is not in the escrow, or does not grow with the data.
    function test_A32_dataOnARollup__isPricedByItsSize() public {
        ITransactionScheduler.Terms memory terms = _terms();
        terms.l1FeeOracle = address(new DataPrice());
        TransactionScheduler rollup = new TransactionScheduler(address(manager), terms, _prices());
        ITransactionScheduler.Priority priority = ITransactionScheduler.Priority.Low;
        uint256 small = rollup.calculateFee(priority, HANDLER_GAS, 0);
        uint256 large = rollup.calculateFee(priority, HANDLER_GAS, 1_024);
        assertGe(large - small, 1_024 * 1e10, "each byte");
        assertGe(small - scheduler.calculateFee(priority, HANDLER_GAS, 0), 250 * 1e10, "and the transaction's own");
    }

    function _bookAndSkip() private returns (uint256 id) {
        id = _book();
        _skip(DELAY);
    }

    function _requestAt(uint256 timestamp) private view returns (ITransactionScheduler.Request memory request) {
        request = _request();
        request.timestamp = uint40(timestamp);
    }

    /// @dev Fills the slots from `timestamp` on.
    function _stuff(uint256 timestamp, uint256 slots) private {
        scheduler.setCapacity(ITransactionScheduler.Capacity(60, 16_000_000, 15_000_000, 14_000_000));
        ITransactionScheduler.Request memory request = _request();
        request.effort = 14_700_000;
        for (uint256 i = 0; i < slots; ++i) {
            request.timestamp = uint40(timestamp + 60 * i);
            booker.book(request, "");
        }
    }
}
