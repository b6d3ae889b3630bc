// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "../interfaces/IRebalanceable.sol";
import {IRecurringJobs} from "../interfaces/IRecurringJobs.sol";
import {IScheduledHandler} from "../interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";
import {Bps} from "../libraries/Bps.sol";
import {JobWords} from "../libraries/JobWords.sol";
import {TargetCalls} from "../libraries/TargetCalls.sol";
import {JobBooking} from "./JobBooking.sol";

/// @title Common part of both kinds of recurring rebalancer: running, fixing, reviving and configuring a job
/// @dev A job is one slot here, which regular runs only read. Effort, priority and payer are those of its record in the
/// scheduler.
abstract contract RecurringJobs is JobBooking {
    using JobWords for uint256;

    /// @dev Least gas that a target is given.
    uint256 private constant MIN_TARGET_GAS = 30_000;
    /// @dev Gas of a call to `revive` besides the target's and the booking's.
    uint256 private constant REVIVE_GAS = 30_000;
    /// @dev Time after the due time from which a booking's fee may be refreshed.
    uint256 private constant OVERDUE = 1 minutes;
    uint8 private constant MOST_FAILURES = 15;

    /// @inheritdoc IRecurringJobs
    uint8 public immutable maxFailures;

    constructor(ITransactionScheduler scheduler_, uint8 maxFailures_) JobBooking(scheduler_) {
        require(maxFailures_ != 0 && maxFailures_ <= MOST_FAILURES, Recurring_InvalidConfig(type(uint256).max));
        maxFailures = maxFailures_;
    }

    /// @inheritdoc IScheduledHandler
    // While a job runs its booking stands: so nothing books, cancels or changes it meanwhile, and after the target only
    // a funder is called, under the lock. Comparisons of a job's word involve the time stored in it.
    // slither-disable-next-line reentrancy-eth,reentrancy-events,timestamp,incorrect-equality
    function executeTransaction(uint256 id, bytes calldata) external {
        uint256 number = id >> GENERATION_BITS;
        uint256 job = _jobs[number];
        bool sound = msg.sender == address(scheduler) && job != 0;
        if (!sound) revert Recurring_NotScheduler(msg.sender, id);
        address target = job.target();
        // The reserved gas suffices to book the next run, however much the target burns.
        (TargetCalls.Outcome outcome, bytes32 reason) =
            TargetCalls.rebalance(target, job.isForced(), gasleft() - BOOKING_GAS);
        bool failed = outcome == TargetCalls.Outcome.Failed;
        uint256 ran;
        if (outcome == TargetCalls.Outcome.Postponed) ran = job.postponed(block.timestamp);
        else ran = failed ? job.ran(block.timestamp, job.failures() + 1) : job.plain();
        if (ran != job) _jobs[number] = ran;
        if (failed) emit RebalanceFailed(target, reason, uint8(ran.failures()));
        if (_isHalted(ran)) {
            emit Halted(target, uint8(ran.failures()));
            return;
        }
        uint256 next;
        unchecked {
            next = block.timestamp + ran.pause();
        }
        if (next > type(uint40).max) next = type(uint40).max;
        (uint256 nextId, uint256 dueAt,) = _book(number, ran, next);
        // The last run can be computed from the next only if that is at its regular time.
        if (dueAt != next) _jobs[number] = ran.stored(block.timestamp);
        if (failed) return;
        if (outcome == TargetCalls.Outcome.Done) {
            emit Rebalanced(target, ran.isForced(), uint40(dueAt), nextId);
            return;
        }
        emit RunSkipped(
            target, IRebalanceable.Reason(uint8(uint256(reason))), uint8(ran.retries()), uint40(dueAt), nextId
        );
    }

    /// @inheritdoc IRecurringJobs
    function jobOf(uint256 number) public view returns (Job memory told) {
        uint256 job = _jobs[number];
        // Checks only whether there is a job; the time in its word does not matter.
        // slither-disable-next-line incorrect-equality,timestamp
        if (job == 0) return told;
        ITransactionScheduler.Transaction memory booking = _bookingOf(number);
        (told.target, told.number, told.lastRebalance) = (job.target(), number, uint40(_lastOf(number, job)));
        (told.failures, told.halted) = (uint8(job.failures()), _isHalted(job));
        told.config = RecurringConfig({
            interval: uint32(job.interval()),
            priority: booking.priority,
            executionEffort: booking.effort,
            estimationMargin: job.marginBps(),
            forceRebalance: job.isForced(),
            funderKind: job.isExternal() ? FunderKind.External : FunderKind.Ledger,
            txFunder: booking.payer
        });
    }

    /// @inheritdoc IRecurringJobs
    function nextExecutionTimestampOf(uint256 number) public view returns (uint40) {
        uint256 job = _jobs[number];
        // As above.
        // slither-disable-next-line incorrect-equality,timestamp
        return job == 0 ? 0 : uint40(_nextOf(job, _lastOf(number, job)));
    }

    /// @inheritdoc IRecurringJobs
    function bookingGas() external pure returns (uint256) {
        return BOOKING_GAS;
    }

    /// @dev Makes a job that is not booked.
    function _create(address target, RecurringConfig memory config) internal returns (uint256 number) {
        // The scheduler assigns a number and calls nobody.
        // slither-disable-next-line reentrancy-benign,reentrancy-events
        number = scheduler.reserve(config.priority, config.executionEffort, config.txFunder);
        _jobs[number] = _jobFor(target, config).ran(block.timestamp, 0);
        emit CreatedRebalancer(target, number);
    }

    /// @dev Books where nothing is booked, unless the job is halted.
    function _fix(uint256 number) internal returns (bool) {
        // The scheduler is trusted, also when called repeatedly in one batch.
        // slither-disable-next-line calls-loop
        if (scheduler.isBooked(number)) return false;
        uint256 job = _jobs[number];
        if (_isHalted(job)) return false;
        // With less gas, booking could be made to fail after a funder has paid.
        if (gasleft() < BOOKING_GAS) revert Recurring_InsufficientGas(BOOKING_GAS, gasleft());
        uint256 last = _lastOf(number, job);
        // From here on the last run cannot be computed from the scheduler's booking.
        if (!job.isStored()) _jobs[number] = job.ran(last, job.failures());
        (uint256 id, uint256 dueAt,) = _book(number, job, _nextOf(job, last));
        // An id, not a time.
        // slither-disable-next-line incorrect-equality,timestamp
        if (id == 0) return false;
        // The resulting booking; a funder was called under the lock.
        // slither-disable-next-line reentrancy-events
        emit FixedReschedule(job.target(), uint40(dueAt), id);
        return true;
    }

    /// @dev Whether there is a job that `_fix` would try to book.
    function _isStuck(uint256 number) internal view returns (bool) {
        uint256 job = _jobs[number];
        // Whether there is a job.
        // slither-disable-next-line timestamp
        return job != 0 && !_isHalted(job) && !scheduler.isBooked(number);
    }

    /// @dev Success can be proven only by a run, so this is one, under the conditions of the next.
    function _revive(uint256 number) internal alone {
        uint256 job = _jobs[number];
        if (!_isHalted(job)) revert Recurring_NotHalted(job.target());
        uint256 targetGas = _bookingOf(number).effort - BOOKING_GAS;
        uint256 required = targetGas + targetGas / 63 + REVIVE_GAS;
        // With less gas the target might fail for lack of gas, or succeed only because it had more.
        if (gasleft() < required) revert Recurring_InsufficientGas(required, gasleft());
        (TargetCalls.Outcome outcome, bytes32 reason) = TargetCalls.rebalance(job.target(), job.isForced(), targetGas);
        // A postponed run has shown nothing.
        bool works = outcome == TargetCalls.Outcome.Done || outcome == TargetCalls.Outcome.Skipped;
        if (!works) revert Recurring_TargetFailed(job.target(), reason);
        _jobs[number] = job.revived(block.timestamp, maxFailures - 1);
        emit Revived(job.target(), msg.sender);
    }

    /// @dev The missing part of an overdue booking's fee is drawn from the funder.
    function _refresh(uint256 number) internal alone returns (bool) {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
        bool waiting = booking.status == ITransactionScheduler.Status.Scheduled;
        // A validator's freedom of some seconds does not matter.
        // slither-disable-next-line timestamp
        if (!waiting || block.timestamp < booking.timestamp + OVERDUE) return false;
        return _raise(id, booking.fee, booking.payer, _jobs[number]);
    }

    /// @dev Sets a configuration and books under it.
    function _configure(uint256 number, RecurringConfig calldata config) internal {
        _requireSound(config);
        uint256 job = _jobs[number];
        uint256 last = _lastOf(number, job);
        job = _jobFor(job.target(), config).ran(last, 0);
        _jobs[number] = job;
        emit ConfigChanged(job.target(), config);
        _cancel(number);
        scheduler.amend(number, config.priority, config.executionEffort, config.txFunder);
        // All callers hold the lock.
        // slither-disable-next-line reentrancy-events
        (uint256 id,, ScheduleFailure failure) = _book(number, job, _nextOf(job, last));
        // An id, not a time.
        // slither-disable-next-line incorrect-equality,timestamp
        if (id == 0) revert Recurring_ScheduleFailedAfterConfig(failure);
    }

    /// @dev Cancels the booking, if there is one. Reverts during its execution.
    function _cancel(uint256 number) internal {
        (uint256 id, ITransactionScheduler.Transaction memory booking) = scheduler.bookingOf(number);
        bool live = booking.status == ITransactionScheduler.Status.Scheduled
            || booking.status == ITransactionScheduler.Status.Executing;
        // The refund goes to the payer's account, not to this contract.
        // slither-disable-next-line unused-return
        if (live) scheduler.cancel(id);
    }

    /// @dev Which member is out of range.
    function _requireSound(RecurringConfig memory config) internal view {
        require(config.interval != 0, Recurring_InvalidConfig(0));
        require(config.priority != ITransactionScheduler.Priority.High, Recurring_InvalidConfig(1));
        ITransactionScheduler.Terms memory terms = scheduler.terms();
        uint256 effort = config.executionEffort;
        bool sound = effort >= terms.minEffort && effort <= terms.maxEffort && effort >= BOOKING_GAS + MIN_TARGET_GAS;
        require(sound && _fits(config), Recurring_InvalidConfig(2));
        require(config.estimationMargin >= Bps.ONE, Recurring_InvalidConfig(3));
        sound = config.txFunder != address(0);
        if (config.funderKind == FunderKind.External) sound = config.txFunder.code.length != 0;
        require(sound, Recurring_InvalidConfig(6));
    }

    /// @dev Whether the effort fits into a slot of its priority.
    function _fits(RecurringConfig memory config) private view returns (bool) {
        ITransactionScheduler.Capacity memory capacity = scheduler.capacity();
        if (capacity.width == 0) return true;
        bool medium = config.priority == ITransactionScheduler.Priority.Medium;
        return config.executionEffort <= (medium ? capacity.medium : capacity.low);
    }

    function _isHalted(uint256 job) internal view returns (bool) {
        // Failures are stored in a word with a time.
        // slither-disable-next-line timestamp
        return job.failures() >= maxFailures;
    }

    function _jobFor(address target, RecurringConfig memory config) private pure returns (uint256) {
        return JobWords.make(
            target,
            config.interval,
            config.estimationMargin,
            config.forceRebalance,
            config.funderKind == FunderKind.External
        );
    }
}
