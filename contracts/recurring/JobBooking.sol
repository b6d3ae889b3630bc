// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IRecurringJobs} from "../interfaces/IRecurringJobs.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {FunderCalls} from "../libraries/FunderCalls.sol";
import {JobWords} from "../libraries/JobWords.sol";
import {ReturnData} from "../libraries/ReturnData.sol";

/// @title Books a job's next run, whatever fails
/// @dev Nothing here reverts because of a funder or the scheduler: a failure is an event, and money that a funder sent
/// is kept for it in the scheduler.
abstract contract JobBooking is IRecurringJobs {
    using JobWords for uint256;

    uint256 internal constant GENERATION_BITS = 32;
    /// @dev Gas of the worst booking: two calls to a funder, two searches for capacity, and a refund.
    uint256 internal constant BOOKING_GAS = 350_000;
    /// @dev Gas reserved to report and record that the scheduler burned its gas.
    uint256 private constant TELLING_GAS = 25_000;
    /// @dev A selector and two words.
    uint256 private constant REASON_SIZE = 68;

    /// @inheritdoc IRecurringJobs
    ITransactionScheduler public immutable scheduler;
    mapping(uint256 number => uint256 job) internal _jobs;
    bool private transient _busy;
    address private transient _asked;

    /// @dev Refuses other changes of jobs meanwhile; nothing changes jobs while a funder is called.
    modifier alone() {
        require(!_busy, Recurring_Busy());
        _busy = true;
        _;
        _busy = false;
    }

    constructor(ITransactionScheduler scheduler_) {
        scheduler = scheduler_;
    }

    /// @inheritdoc IRecurringJobs
    function availableFor(uint256 number) external view returns (uint256 available) {
        address payer = _bookingOf(number).payer;
        uint256 job = _jobs[number];
        if (job == 0) return 0;
        if (!job.isExternal()) return scheduler.availableTo(payer, address(this));
        // A funder that does not answer has nothing.
        // slither-disable-next-line unused-return
        (, available) = FunderCalls.minimumAvailable(payer);
    }

    /// @dev Books the next run, or reports why not.
    /// @return id The booking; 0 if there is none.
    /// @return dueAt Time when it is due.
    /// @return failure Reason why there is none.
    function _book(uint256 number, uint256 job, uint256 timestamp)
        internal
        returns (uint256 id, uint256 dueAt, ScheduleFailure failure)
    {
        if (job.isExternal()) return _bookExternally(number, job, timestamp);
        return _rearm(number, job, timestamp, 0);
    }

    /// @dev Raises a fee, or reports why not.
    function _raise(uint256 id, uint256 fee, address payer, uint256 job) internal returns (bool) {
        uint256 needed = scheduler.rearmFee(id >> GENERATION_BITS, job.marginBps());
        if (needed <= fee) return false;
        if (job.isExternal()) {
            if (!_draw(job.target(), payer, needed - fee)) return false;
            scheduler.topUp{value: needed - fee}(id);
            return true;
        }
        // Only the success matters. The scheduler calls nobody meanwhile, and the event reports why it refused.
        // slither-disable-next-line unused-return,reentrancy-events
        try scheduler.raiseFee(id, job.marginBps()) {
            return true;
        } catch {
            _tell(job.target(), needed - fee);
            return false;
        }
    }

    /// @dev Time of a job's last run.
    function _lastOf(uint256 number, uint256 job) internal view returns (uint256) {
        if (job.isStored()) return job.last(block.timestamp);
        return Math.saturatingSub(_bookingOf(number).timestamp, job.interval());
    }

    /// @dev The booking of a record, without its id.
    function _bookingOf(uint256 number) internal view returns (ITransactionScheduler.Transaction memory) {
        // The scheduler is trusted, also when called repeatedly in one batch.
        // slither-disable-next-line unused-return,calls-loop
        (, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
        return booking;
    }

    /// @dev Time of the next run, after one at `last`.
    function _nextOf(uint256 job, uint256 last) internal view returns (uint256) {
        return Math.min(Math.max(last + job.pause(), block.timestamp + 1), type(uint40).max);
    }

    /// @dev Whether an account is a funder that is being called, and so may send value.
    function _isAsked(address funder) internal view returns (bool) {
        return _asked == funder;
    }

    /// @dev A low-level call: the checks and decoding of a `try` cost half as much as the booking's arithmetic.
    function _rearm(uint256 number, uint256 job, uint256 timestamp, uint256 value)
        private
        returns (uint256 id, uint256 dueAt, ScheduleFailure failure)
    {
        (address called, uint256 record, uint256 time) = (address(scheduler), number, timestamp);
        uint256 marginBps = job.marginBps();
        uint256 selector = uint32(ITransactionScheduler.rearm.selector);
        bool ok;
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, shl(224, selector))
            mstore(add(input, 0x04), record)
            mstore(add(input, 0x24), time)
            mstore(add(input, 0x44), marginBps)
            ok := call(sub(gas(), TELLING_GAS), called, value, input, 0x64, 0, 0x40)
            id := mload(0)
            dueAt := mload(0x20)
        }
        if (!ok) (id, dueAt, failure) = (0, 0, _tell(job.target(), 0));
    }

    /// @dev The funder may make any call meanwhile; the state that it could change is locked or already booked.
    // The scheduler is trusted, and a funder that fails does not end a batch.
    // slither-disable-next-line calls-loop
    function _bookExternally(uint256 number, uint256 job, uint256 timestamp)
        private
        returns (uint256 id, uint256 dueAt, ScheduleFailure failure)
    {
        ITransactionScheduler.Transaction memory booking = _bookingOf(number);
        // A foreseeable refusal must not use up the funder's cap at each attempt.
        failure = _refusalOf(timestamp, booking);
        if (failure != ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE) {
            emit FailedRecurringSchedule(job.target(), failure, 0, 0);
            return (0, 0, failure);
        }
        uint256 fee = scheduler.rearmFee(number, job.marginBps());
        bool wasBusy = _busy;
        _busy = true;
        uint256 sent;
        (sent, failure) = _ask(job.target(), booking.payer, fee);
        if (sent >= fee) {
            // The scheduler calls nobody meanwhile, and the event reports why it refused.
            // slither-disable-next-line reentrancy-events
            (id, dueAt, failure) = _rearm(number, job, timestamp, fee);
            if (id == 0) scheduler.deposit{value: fee}(booking.payer, address(this));
        }
        // The lock itself.
        // slither-disable-next-line reentrancy-eth
        _busy = wasBusy;
    }

    function _draw(address target, address funder, uint256 amount) private returns (bool) {
        (uint256 sent,) = _ask(target, funder, amount);
        return sent >= amount;
    }

    /// @dev Requests exactly `amount` from a funder. Any other amount that it sends is kept for it in the scheduler.
    // As above.
    // slither-disable-next-line calls-loop
    function _ask(address target, address funder, uint256 amount) private returns (uint256, ScheduleFailure failure) {
        (bool ok, uint256 available) = FunderCalls.minimumAvailable(funder);
        failure = ok ? ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE : ScheduleFailure.FUNDER_REVERTED;
        uint256 sent = 0;
        if (ok && available >= amount) {
            address before = _asked;
            _asked = funder;
            (ok, sent) = FunderCalls.withdrawAvailable(funder, amount);
            _asked = before;
            failure = ok ? ScheduleFailure.INSUFFICIENT_FEES_PROVIDED : ScheduleFailure.FUNDER_REVERTED;
            available = sent;
        }
        uint256 kept = sent < amount ? 0 : amount;
        if (kept != amount) emit FailedRecurringSchedule(target, failure, amount, available);
        if (sent != kept) scheduler.deposit{value: sent - kept}(funder, address(this));
        return (kept, failure);
    }

    /// @dev Call it directly after a failed call to the scheduler.
    function _tell(address target, uint256 expected) private returns (ScheduleFailure failure) {
        bytes memory reason = ReturnData.head(REASON_SIZE);
        uint256 available = 0;
        failure = ScheduleFailure.SCHEDULER_REJECTED;
        bytes4 selector = bytes4(reason);
        if (reason.length == REASON_SIZE) {
            if (selector == ITransactionScheduler.TransactionScheduler_InsufficientFunds.selector) {
                failure = ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE;
            } else if (selector == ITransactionScheduler.TransactionScheduler_AboveCap.selector) {
                failure = ScheduleFailure.SPENDING_CAP;
            }
            assembly ("memory-safe") {
                expected := mload(add(reason, 0x24))
                available := mload(add(reason, 0x44))
            }
        } else if (selector == ITransactionScheduler.TransactionScheduler_Refused.selector) {
            failure = _failureOf(uint8(reason[reason.length - 1]));
        }
        emit FailedRecurringSchedule(target, failure, expected, available);
    }

    /// @dev Reason why the scheduler would refuse; the first code, which is none of the scheduler's, if it would not.
    function _refusalOf(uint256 timestamp, ITransactionScheduler.Transaction memory booking)
        private
        view
        returns (ScheduleFailure)
    {
        // Only the refusal matters, not the fee or the time. The scheduler is trusted, in a batch too.
        // slither-disable-next-line unused-return,calls-loop
        (,, ITransactionScheduler.Refusal refusal) =
            scheduler.estimate(uint40(timestamp), booking.priority, booking.effort, 0);
        if (refusal != ITransactionScheduler.Refusal.None) return _failureOf(uint8(refusal));
        return ScheduleFailure.INSUFFICIENT_FEES_AVAILABLE;
    }

    // Codes, which do not depend on times.
    // slither-disable-next-line incorrect-equality
    function _failureOf(uint8 refusal) private pure returns (ScheduleFailure) {
        if (refusal == uint8(ITransactionScheduler.Refusal.Paused)) return ScheduleFailure.SCHEDULER_PAUSED;
        if (refusal == uint8(ITransactionScheduler.Refusal.SlotFull)) return ScheduleFailure.SCHEDULER_FULL;
        return ScheduleFailure.SCHEDULER_REJECTED;
    }
}
