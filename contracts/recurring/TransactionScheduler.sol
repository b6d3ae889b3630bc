// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IScheduledHandler} from "../interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {IAutomationCompatible} from "../interfaces/external/IAutomationCompatible.sol";
import {BookingWords} from "../libraries/BookingWords.sol";
import {SchedulerBook} from "./SchedulerBook.sol";
import {SchedulerTerms} from "./SchedulerTerms.sol";

/// @title Calls that are booked and paid for in advance, and executed by anybody when they are due
/// @dev While a handler is called its booking is unchanged, and `executing` has its id, in transient storage. That is
/// also the lock: nothing else is executed meanwhile. After the call the record is left alone if the handler has booked
/// it again, and the settled fee is the one read before the call.
contract TransactionScheduler is SchedulerBook {
    using BookingWords for uint256;

    /// @dev Why a booking is not executed.
    enum Fault {
        None,
        NotScheduled,
        NotDue,
        Expired,
        OtherData,
        TooLittleGas
    }

    /// @dev Caller of an execution, and the pay so far.
    struct Run {
        address executor;
        uint256 count;
        uint256 share;
        uint256 paid;
    }

    uint256 private constant MAX_BATCH = 256;
    uint256 private constant UPKEEP_RECORDS = 100;

    constructor(address manager, Terms memory given, Prices memory givenPrices)
        AccessManaged(manager)
        SchedulerTerms(given)
    {
        _setPrices(givenPrices);
    }

    /// @inheritdoc ITransactionScheduler
    function execute(uint256 id, bytes calldata data, address rewardTo) external returns (bool ok) {
        Run memory run = _enter(rewardTo, 1);
        Fault fault;
        (fault, ok) = _execute(run, id, data);
        if (fault != Fault.None) _complain(fault, id);
        _credit(run.executor, run.paid);
    }

    /// @inheritdoc ITransactionScheduler
    function executePlain(uint256 id) external returns (bool ok) {
        Run memory run = _enter(msg.sender, 1);
        Fault fault;
        (fault, ok) = _execute(run, id, msg.data[:0]);
        if (fault != Fault.None) _complain(fault, id);
        _credit(msg.sender, run.paid);
    }

    /// @inheritdoc ITransactionScheduler
    function executeBatch(uint256[] calldata ids, bytes[] calldata datas, address rewardTo)
        external
        returns (uint256 executed)
    {
        bool sound = ids.length <= MAX_BATCH && (datas.length == 0 || datas.length == ids.length);
        require(sound, TransactionScheduler_InvalidBatch(ids.length, datas.length));
        Run memory run = _enter(rewardTo, ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            (Fault fault,) = _execute(run, ids[i], datas.length == 0 ? msg.data[:0] : datas[i]);
            if (fault == Fault.None) executed |= 1 << i;
            else if (fault == Fault.TooLittleGas) break;
        }
        if (run.paid != 0) _credit(run.executor, run.paid);
    }

    /// @inheritdoc IAutomationCompatible
    function performUpkeep(bytes calldata performData) external {
        (uint256[] memory ids, address rewardTo) = abi.decode(performData, (uint256[], address));
        Run memory run = _enter(rewardTo, ids.length);
        for (uint256 i = 0; i < ids.length; ++i) {
            (Fault fault,) = _execute(run, ids[i], msg.data[:0]);
            if (fault == Fault.TooLittleGas) break;
        }
        if (run.paid != 0) _credit(run.executor, run.paid);
    }

    /// @inheritdoc ITransactionScheduler
    function checkUpkeep(bytes calldata checkData) external view returns (bool upkeepNeeded, bytes memory performData) {
        (uint256 first, uint256 count, address rewardTo) = (1, UPKEEP_RECORDS, address(0));
        if (checkData.length != 0) (first, count, rewardTo) = abi.decode(checkData, (uint256, uint256, address));
        uint256 end = Math.min(Math.saturatingAdd(first, count), uint256(records()) + 1);
        uint256[] memory due = new uint256[](end > first ? end - first : 0);
        uint256 found = 0;
        for (uint256 number = first; number < end; ++number) {
            BookingWords.Booking memory booking = _bookings[number];
            uint256 id = _idOf(number, booking.first.generation());
            if (!booking.first.hasData() && _faultOf(booking.first, id) == Fault.None) due[found++] = id;
        }
        // The list is only shortened.
        assembly ("memory-safe") {
            mstore(due, found)
        }
        return (found != 0, abi.encode(due, rewardTo));
    }

    /// @inheritdoc ITransactionScheduler
    function payoutOf(uint256 id) external view returns (uint256) {
        return payoutFor(id, _bookings[id >> GENERATION_BITS].second.effort(), _highestPrice(), 1);
    }

    /// @inheritdoc ITransactionScheduler
    function payoutFor(uint256 id, uint256 handlerGas, uint256 gasPrice, uint256 count) public view returns (uint256) {
        BookingWords.Booking memory booking = _bookings[id >> GENERATION_BITS];
        if (_faultOf(booking.first, id) != Fault.None) return 0;
        count = Math.max(count, 1);
        return _payout(booking, handlerGas + _settlementGas + _transactionGas / count, 0, gasPrice, count);
    }

    /// @dev Executes one booking and settles it, except for the executor's pay, which is added up in `run`.
    function _execute(Run memory run, uint256 id, bytes calldata data) private returns (Fault fault, bool ok) {
        uint256 gas = gasleft();
        BookingWords.Booking storage slot = _bookings[id >> GENERATION_BITS];
        uint256 first = slot.first;
        // An executor that is too late pays for one word only.
        fault = _faultOf(first, id);
        if (fault != Fault.None) return (fault, false);
        BookingWords.Booking memory booking = BookingWords.Booking(first, slot.second);
        if (!_isData(booking.first, id, data)) return (Fault.OtherData, false);
        // A call gets at most 63 parts in 64 of the remaining gas, so with less than this the handler would have less
        // than its effort: an executor could make it fail, and be paid.
        if (gasleft() < _gasFor(booking.second.effort())) return (Fault.TooLittleGas, false);
        executing = id;
        bytes32 reasonHead;
        (ok, reasonHead) = _call(booking, id, data);
        executing = 0;
        if (!ok) emit ExecutionFailed(id, reasonHead);
        _close(slot, booking.first, id);
        unchecked {
            gas = gas - gasleft() + _settlementGas + run.share + GAS_PER_BYTE * data.length;
        }
        _settle(run, booking, id, gas, data.length, ok);
    }

    function _settle(
        Run memory run,
        BookingWords.Booking memory booking,
        uint256 id,
        uint256 gas,
        uint256 dataLength,
        bool ok
    ) private {
        uint256 paid = _payout(booking, gas, dataLength, tx.gasprice, run.count);
        uint256 refund;
        unchecked {
            // The pay is at most the fee.
            refund = booking.second.fee() - paid;
            run.paid += paid;
        }
        // Whether anything is left; that depends on the time of the execution.
        // slither-disable-next-line timestamp
        if (refund != 0) _refund(booking.second.payer(), booking.first.handler(), refund);
        emit Executed(id, run.executor, ok, gas, paid, refund);
    }

    /// @dev Ends the booking, unless its handler has booked the record again.
    function _close(BookingWords.Booking storage slot, uint256 first, uint256 id) private {
        if (slot.first.generation() != first.generation()) return;
        if (first.isRecurring()) {
            slot.first = first.withStatus(Status.Executed);
            return;
        }
        (slot.first, slot.second) = (0, 0);
        if (first.hasData()) delete _dataHashes[id >> GENERATION_BITS];
    }

    /// @dev Calls the handler with exactly its effort, and copies at most a word of its reason.
    function _call(BookingWords.Booking memory booking, uint256 id, bytes calldata data)
        private
        returns (bool ok, bytes32 reasonHead)
    {
        (address handler, uint256 effort) = (booking.first.handler(), booking.second.effort());
        uint256 selector = uint32(IScheduledHandler.executeTransaction.selector);
        assembly ("memory-safe") {
            // The call in ABI encoding, behind free memory: selector, id, offset of the data, its length, the data.
            let input := mload(0x40)
            mstore(input, shl(224, selector))
            mstore(add(input, 0x04), id)
            mstore(add(input, 0x24), 0x40)
            mstore(add(input, 0x44), data.length)
            calldatacopy(add(input, 0x64), data.offset, data.length)
            // Fills the last word with zeros.
            mstore(add(add(input, 0x64), data.length), 0)
            let size := add(0x64, and(add(data.length, 0x1f), not(0x1f)))
            ok := call(effort, handler, 0, input, size, 0, 0)
            if iszero(ok) {
                size := returndatasize()
                if gt(size, 0x20) { size := 0x20 }
                mstore(0, 0)
                returndatacopy(0, 0, size)
                reasonHead := mload(0)
            }
        }
    }

    function _enter(address rewardTo, uint256 count) private view returns (Run memory run) {
        if (executing != 0) revert TransactionScheduler_Reentrancy();
        run.executor = rewardTo == address(0) ? msg.sender : rewardTo;
        run.count = count < 2 ? 1 : count;
        run.share = _transactionGas / run.count;
    }

    function _complain(Fault fault, uint256 id) private view {
        BookingWords.Booking memory booking = _bookings[id >> GENERATION_BITS];
        uint256 dueAt = booking.first.timestamp();
        if (fault == Fault.NotScheduled) revert TransactionScheduler_NotScheduled(id, _statusOf(id, booking.first));
        if (fault == Fault.NotDue) revert TransactionScheduler_NotDue(block.timestamp, dueAt);
        if (fault == Fault.OtherData) revert TransactionScheduler_OtherData();
        if (fault == Fault.Expired) revert TransactionScheduler_Expiry(block.timestamp, dueAt + _lifetime);
        revert TransactionScheduler_InsufficientGas(_gasFor(booking.second.effort()), gasleft());
    }

    /// @dev Whether a booking can be executed now, apart from its data and the caller's gas.
    function _faultOf(uint256 first, uint256 id) private view returns (Fault) {
        if (first.generation() != uint32(id) || !first.isScheduled()) return Fault.NotScheduled;
        uint256 dueAt = first.timestamp();
        // slither-disable-next-line timestamp
        if (block.timestamp < dueAt) return Fault.NotDue;
        return _isExpired(dueAt) ? Fault.Expired : Fault.None;
    }

    function _isData(uint256 first, uint256 id, bytes calldata data) private view returns (bool) {
        if (!first.hasData()) return data.length == 0;
        return keccak256(data) == _dataHashes[id >> GENERATION_BITS];
    }
}
