// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IPaidRebalancerRegistry} from "../interfaces/IPaidRebalancerRegistry.sol";
import {IRecurringJobs} from "../interfaces/IRecurringJobs.sol";
import {IRecurringRebalancer} from "../interfaces/IRecurringRebalancer.sol";
import {ISchedulerLens} from "../interfaces/ISchedulerLens.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";

/// @title Views for keepers: many records of a scheduler in one call
/// @dev Handlers are called with separate gas, and a bounded answer is read: anybody can book, with any code.
contract SchedulerLens is ISchedulerLens {
    /// @dev Gas of one call to a handler: twice what the rebalancers need.
    uint256 private constant ASK_GAS = 30_000;
    /// @dev Gas of the call for the funder's amount, which calls the funder with 50,000.
    uint256 private constant FUNDS_GAS = 80_000;
    /// @dev Gas of the longest reads of a record: for a sweep, for a row, and for a contract's number.
    uint256 private constant SWEEP_GAS = 100_000;
    uint256 private constant ROW_GAS = 260_000;
    uint256 private constant NUMBER_GAS = 40_000;
    /// @dev A job is twelve words.
    uint256 private constant JOB_SIZE = 12 * 32;

    /// @inheritdoc ISchedulerLens
    ITransactionScheduler public immutable scheduler;

    constructor(ITransactionScheduler scheduler_) {
        scheduler = scheduler_;
    }

    // These views read many records in one call; the caller chooses how many.
    // slither-disable-start calls-loop

    /// @inheritdoc ISchedulerLens
    function page(uint256 first, uint256 count) external view returns (Row[] memory rows, uint256 next) {
        uint256 size;
        (size, next) = _sizeOf(first, count);
        rows = new Row[](size);
        uint256 told = 0;
        for (; told < size && _hasGas(told, ROW_GAS); ++told) {
            rows[told] = rowOf(first + told);
        }
        if (told < size) next = first + told;
        // The list is only shortened.
        assembly ("memory-safe") {
            mstore(rows, told)
        }
    }

    /// @inheritdoc ISchedulerLens
    function sweep(uint256 first, uint256 count)
        external
        view
        returns (uint256[] memory due, uint256[] memory payouts, uint256[] memory stuck, uint256 next)
    {
        uint256 size;
        (size, next) = _sizeOf(first, count);
        (due, payouts, stuck) = (new uint256[](size), new uint256[](size), new uint256[](size));
        uint256 dues = 0;
        uint256 stucks = 0;
        for (uint256 i = 0; i < size; ++i) {
            uint256 number = first + i;
            if (!_hasGas(i, SWEEP_GAS)) {
                next = number;
                break;
            }
            uint256 free = _freeMemory();
            (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
            if (_isDue(booking)) {
                (due[dues], payouts[dues]) = (id, scheduler.payoutOf(id));
                ++dues;
            } else if (booking.recurring && _isStuck(number, booking.handler)) {
                stuck[stucks++] = number;
            }
            _release(free);
        }
        // The lists are only shortened.
        assembly ("memory-safe") {
            mstore(due, dues)
            mstore(payouts, dues)
            mstore(stuck, stucks)
        }
    }

    /// @inheritdoc ISchedulerLens
    function numbersOf(address[] calldata handlers) external view returns (uint256[] memory numbers) {
        numbers = new uint256[](handlers.length);
        uint256 asked = 0;
        for (; asked < handlers.length && _hasGas(asked, NUMBER_GAS); ++asked) {
            numbers[asked] = _ask(handlers[asked], abi.encodeCall(IRecurringRebalancer.number, ()), ASK_GAS);
        }
        // As above.
        assembly ("memory-safe") {
            mstore(numbers, asked)
        }
    }

    /// @inheritdoc ISchedulerLens
    function rowOf(uint256 number) public view returns (Row memory row) {
        row.number = number;
        (row.id, row.booking) = scheduler.bookingOf(number);
        row.due = _isDue(row.booking);
        if (row.due) row.payout = scheduler.payoutOf(row.id);
        bool booked = scheduler.isBooked(number);
        if (booked) row.nextRun = row.booking.timestamp;
        if (!row.booking.recurring) return row;
        IRecurringJobs.Job memory job = _jobOf(number, row.booking.handler);
        if (job.target == address(0)) return row;
        (row.target, row.failures, row.halted) = (job.target, job.failures, job.halted);
        row.stuck = !booked && !job.halted;
        row.lastRun = job.lastRebalance;
        row.isExternal = job.config.funderKind == IRecurringJobs.FunderKind.External;
        row.required = scheduler.rearmFee(number, job.config.estimationMargin);
        row.available = _ask(row.booking.handler, abi.encodeCall(IRecurringJobs.availableFor, (number)), FUNDS_GAS);
        if (!row.stuck) return row;
        bytes memory input = abi.encodeCall(IRecurringJobs.nextExecutionTimestampOf, (number));
        row.nextRun = uint40(_ask(row.booking.handler, input, ASK_GAS));
    }

    /// @inheritdoc ISchedulerLens
    function fixOf(uint256 number) external view returns (address handler, address target, bool paid) {
        handler = _bookingOf(number).handler;
        target = _jobOf(number, handler).target;
        if (target == address(0)) return (handler, target, false);
        paid = _ask(handler, abi.encodeCall(IPaidRebalancerRegistry.handleOf, (target)), ASK_GAS) != 0;
    }

    /// @inheritdoc ISchedulerLens
    function escrowed(uint256 first, uint256 count) external view returns (uint256 sum) {
        (uint256 size,) = _sizeOf(first, count);
        for (uint256 number = first; number < first + size; ++number) {
            uint256 free = _freeMemory();
            sum += _bookingOf(number).fee;
            _release(free);
        }
    }

    /// @inheritdoc ISchedulerLens
    function jobOf(uint256 number) external view returns (IRecurringJobs.Job memory) {
        return _jobOf(number, _bookingOf(number).handler);
    }

    /// @dev The booking of a record, without its id.
    function _bookingOf(uint256 number) private view returns (ITransactionScheduler.Transaction memory booking) {
        // slither-disable-next-line unused-return
        (, booking) = scheduler.bookingOf(number);
    }

    /// @dev Whether it can be executed now, excluding expired ones.
    function _isDue(ITransactionScheduler.Transaction memory booking) private view returns (bool) {
        bool waiting = booking.status == ITransactionScheduler.Status.Scheduled;
        // The result is right for this block, and only a view.
        // slither-disable-next-line timestamp
        if (!waiting || block.timestamp < booking.timestamp) return false;
        return scheduler.terms().lifetime >= block.timestamp - booking.timestamp;
    }

    function _isStuck(uint256 number, address handler) private view returns (bool) {
        if (scheduler.isBooked(number)) return false;
        IRecurringJobs.Job memory job = _jobOf(number, handler);
        return job.target != address(0) && !job.halted;
    }

    /// @dev How many records a page has, and where the next one starts.
    function _sizeOf(uint256 first, uint256 count) private view returns (uint256 size, uint256 next) {
        uint256 end = scheduler.records() + 1;
        uint256 last = Math.min(Math.saturatingAdd(first, count), end);
        size = last > first ? last - first : 0;
        next = last < end && size != 0 ? last : 0;
    }

    /// @dev An invalid answer counts as none: each word is checked before it is decoded.
    function _jobOf(uint256 number, address handler) private view returns (IRecurringJobs.Job memory job) {
        bytes memory input = abi.encodeCall(IRecurringJobs.jobOf, (number));
        bytes memory answer = new bytes(JOB_SIZE);
        bool ok;
        assembly ("memory-safe") {
            ok := staticcall(ASK_GAS, handler, add(input, 0x20), mload(input), add(answer, 0x20), JOB_SIZE)
            ok := and(ok, eq(returndatasize(), JOB_SIZE))
        }
        if (!ok) return job;
        try this.decode(answer) returns (IRecurringJobs.Job memory decoded) {
            return decoded;
        } catch {
            return job;
        }
    }

    // slither-disable-end calls-loop

    /// @dev A word from a handler; 0 where it does not answer.
    function _ask(address handler, bytes memory input, uint256 limit) private view returns (uint256 answer) {
        assembly ("memory-safe") {
            mstore(0, 0)
            let ok := staticcall(limit, handler, add(input, 0x20), mload(input), 0, 0x20)
            if and(ok, gt(returndatasize(), 0x1f)) { answer := mload(0) }
        }
    }

    /// @dev Whether another record can be read. A view that could not read a single one would return nothing.
    function _hasGas(uint256 done, uint256 required) private view returns (bool enough) {
        enough = gasleft() >= required;
        require(enough || done != 0, SchedulerLens_InsufficientGas(required, gasleft()));
    }

    /// @dev Start of the free memory.
    function _freeMemory() private pure returns (uint256 free) {
        assembly ("memory-safe") {
            free := mload(0x40)
        }
    }

    /// @dev Frees what a record took in memory. Memory costs gas by the square of its size, so thousands of records
    /// would not fit into a call.
    function _release(uint256 free) private pure {
        assembly ("memory-safe") {
            mstore(0x40, free)
        }
    }

    /// @notice Decodes a job, or reverts. For the lens itself, which so handles any answer.
    function decode(bytes calldata answer) external pure returns (IRecurringJobs.Job memory) {
        return abi.decode(answer, (IRecurringJobs.Job));
    }
}
