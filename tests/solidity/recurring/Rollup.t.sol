// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";
import {IL1FeeOracle} from "@ballast/interfaces/external/IL1FeeOracle.sol";

import {SchedulerTest} from "./SchedulerTest.sol";

/// @title Variable data price of a rollup
contract MovingDataPrice is IL1FeeOracle {
    uint256 public perByte = 1e10;

    function set(uint256 perByte_) external {
        perByte = perByte_;
    }

    function getL1FeeUpperBound(uint256 size) external view returns (uint256) {
        return size * perByte;
    }
}

/// @title Scheduler on a rollup: a booking pays for data, and the executor is paid for it
contract RollupTest is SchedulerTest {
    uint256 private constant TRANSACTION_BYTES = 250;
    uint256 private constant PREMIUM_BPS = 11_000;
    MovingDataPrice private price;

    function setUp() public override {
        price = new MovingDataPrice();
        super.setUp();
    }

    function test_fee__hasTheDataInIt() public {
        uint256 with = _fee(0);
        price.set(0);
        assertEq(with - _fee(0), TRANSACTION_BYTES * 1e10, "of the transaction");
    }

    function test_fee__ofBookedData__growsWithThem() public view {
        uint256 without = _fee(0);
        uint256 gas = 100 * 16 * (BASE_FEE + 1 gwei) * 12_500 / 10_000;
        assertEq(_fee(100) - without, 100 * 1e10 + gas, "their data fee, and their gas");
    }

    function test_execute__paysForTheData() public {
        uint256 id = _book();
        _skip(DELAY);
        uint256 paid = _paidWith(id, 1e10);
        uint256 more = _paidWith(id, 3e10) - paid;
        assertEq(more, TRANSACTION_BYTES * 2e10 * PREMIUM_BPS / 10_000, "at the price of the moment, with a premium");
        price.set(3e10);
        assertTrue(_execute(id), "ok");
        assertGe(_balance(executor, executor), TRANSACTION_BYTES * 3e10, "who executes is paid for them");
    }

    function test_execute__dataBecameFarDearer__paysTheFeeAndNoMore() public {
        uint256 id = _book();
        uint256 fee = _feeOf(id);
        _skip(DELAY);
        price.set(1e18);
        assertTrue(_execute(id), "ok");
        assertEq(_balance(executor, executor), fee, "the fee");
    }

    function test_rearm__dataBecameDearer__asksForMore() public {
        uint256 number = booker.book(_request(), "") >> 32;
        uint256 before = scheduler.rearmFee(number, 10_000);
        price.set(2e10);
        assertEq(scheduler.rearmFee(number, 10_000) - before, TRANSACTION_BYTES * 1e10, "the difference");
    }

    function _terms() internal view override returns (ITransactionScheduler.Terms memory terms) {
        terms = super._terms();
        terms.l1FeeOracle = address(price);
    }

    function _fee(uint256 dataLength) private view returns (uint256) {
        return scheduler.calculateFee(ITransactionScheduler.Priority.Medium, HANDLER_GAS, dataLength);
    }

    /// @dev Returns the pay for an execution now, at a given data price.
    function _paidWith(uint256 id, uint256 perByte) private returns (uint256) {
        price.set(perByte);
        return scheduler.payoutFor(id, 50_000, BASE_FEE + 1 gwei, 1);
    }
}
