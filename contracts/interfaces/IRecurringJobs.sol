// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "./IRebalanceable.sol";
import {IScheduledHandler} from "./IScheduledHandler.sol";
import {ITransactionScheduler} from "./ITransactionScheduler.sol";

/// @title What both kinds of recurring rebalancer share
/// @notice A job calls `rebalance(force)` on its target at an interval, through the scheduler, and after each run books
/// the next one. When that fails, for whatever reason, the run stands, `FailedRecurringSchedule` says why, and the job
/// is stuck until somebody calls `fixReschedule`. A job has one record of the scheduler for life, so it cannot be
/// booked
/// twice.
///
/// A target that reverts is tried again at twice the interval, then four times, and so on; at the maximum of failures
/// in a row the job is halted. A target that does nothing, and says so with what it returns, has not failed. If the
/// reason may be over in minutes (`Busy`, `StalePrice`, `SpotOffOracle`) it is tried again after 5, then 20, then 80
/// minutes, each time at most after an interval, and then after a whole interval. A target that reverts with
/// `Rebalance_Refused`, or because its reentrancy lock is held, is treated as one that returned that reason.
interface IRecurringJobs is IScheduledHandler {
    /// @notice How a funder pays. `Ledger`: from its account in the scheduler for the rebalancer contract. `External`:
    /// it is a contract that is asked for each fee (`ITxFunder`).
    enum FunderKind {
        Ledger,
        External
    }

    /// @notice Why the next run could not be booked.
    /// @dev `INSUFFICIENT_FEES_AVAILABLE`: the funder has less than the fee. `INSUFFICIENT_FEES_PROVIDED`: it sent less
    /// than it has. `FUNDER_REVERTED`: it could not be asked, or reverted. `SPENDING_CAP`: a cap of the payer's stands
    /// against it. `SCHEDULER_FULL`: no capacity at that time or soon after. `SCHEDULER_PAUSED`: no new bookings.
    /// `SCHEDULER_REJECTED`: any other refusal.
    enum ScheduleFailure {
        INSUFFICIENT_FEES_AVAILABLE,
        INSUFFICIENT_FEES_PROVIDED,
        FUNDER_REVERTED,
        SPENDING_CAP,
        SCHEDULER_FULL,
        SCHEDULER_PAUSED,
        SCHEDULER_REJECTED
    }

    /// @notice How and at whose expense a target is rebalanced.
    /// @param interval Seconds from one run to the next, not 0.
    /// @param priority Priority of the bookings, not `High`.
    /// @param executionEffort Gas for a run: for the target, and for booking the next one.
    /// @param estimationMargin Multiplier of the estimated fee, in basis points, at least 10,000.
    /// @param forceRebalance What the target is told.
    /// @param funderKind How `txFunder` pays.
    /// @param txFunder Who pays.
    struct RecurringConfig {
        uint32 interval;
        ITransactionScheduler.Priority priority;
        uint24 executionEffort;
        uint16 estimationMargin;
        bool forceRebalance;
        FunderKind funderKind;
        address txFunder;
    }

    /// @notice A job as it stands.
    /// @param target What is rebalanced; 0 where there is no such job.
    /// @param number Its record in the scheduler.
    /// @param lastRebalance When it was last run, or created, or revived.
    /// @param failures Runs in a row that failed.
    /// @param halted Whether it is no longer booked.
    /// @param config How and at whose expense.
    struct Job {
        address target;
        uint256 number;
        uint40 lastRebalance;
        uint8 failures;
        bool halted;
        RecurringConfig config;
    }

    /// @notice A job was made.
    event CreatedRebalancer(address indexed target, uint256 indexed number);

    /// @notice A target was rebalanced.
    /// @param nextTimestamp When the next run is due; 0 where it could not be booked.
    /// @param id The booking of the next run; 0 likewise.
    event Rebalanced(address indexed target, bool force, uint40 nextTimestamp, uint256 id);

    /// @notice A target did nothing. Its run is paid for, and neither a success nor a failure.
    /// @param target The target.
    /// @param reason Why it did nothing.
    /// @param retry Which early run the next one is, from 1; 0 where it comes after a whole interval.
    /// @param nextTimestamp When the next run is due; 0 where it could not be booked.
    /// @param id The booking of the next run; 0 likewise.
    event RunSkipped(
        address indexed target, IRebalanceable.Reason indexed reason, uint8 retry, uint40 nextTimestamp, uint256 id
    );

    /// @notice A target reverted.
    /// @param reasonHead The first 32 bytes of its reason.
    event RebalanceFailed(address indexed target, bytes32 reasonHead, uint8 failures);

    /// @notice A job failed too often and is no longer booked.
    event Halted(address indexed target, uint8 failures);

    /// @notice A halted job goes on.
    event Revived(address indexed target, address indexed by);

    /// @notice A job that was not booked is booked.
    event FixedReschedule(address indexed target, uint40 nextTimestamp, uint256 id);

    /// @notice The next run could not be booked.
    /// @param expected What was needed, in wei, where that is the matter.
    /// @param available What there was, likewise.
    event FailedRecurringSchedule(
        address indexed target, ScheduleFailure indexed code, uint256 expected, uint256 available
    );

    /// @notice How and at whose expense a target is rebalanced was set.
    event ConfigChanged(address indexed target, RecurringConfig config);

    /// @notice The caller is not the scheduler, or the booking is none of this contract's.
    error Recurring_NotScheduler(address caller, uint256 id);

    /// @notice A call that changes a job was made while another one was under way.
    error Recurring_Busy();

    /// @notice A part of the configuration is out of range, in the order of its members.
    error Recurring_InvalidConfig(uint256 member);

    /// @notice Under the new configuration no run could be booked.
    error Recurring_ScheduleFailedAfterConfig(ScheduleFailure code);

    /// @notice The job is not halted.
    error Recurring_NotHalted(address target);

    /// @notice The target reverted, or put the run off, so it was not shown to work. `reasonHead` is the reason's
    /// number where it was put off.
    error Recurring_TargetFailed(address target, bytes32 reasonHead);

    /// @notice The caller's gas is less than a run, or a booking, would have.
    error Recurring_InsufficientGas(uint256 required, uint256 left);

    /// @notice Value came from somebody who is no funder being asked.
    error Recurring_UnexpectedValue(address from);

    /// @notice The job of a record; empty where there is none.
    /// @dev Lenses and keepers go from records to jobs this way, with either kind of rebalancer.
    function jobOf(uint256 number) external view returns (Job memory);

    /// @notice When the next run would be booked for: an interval after the last, longer after failures; not before the
    /// next second, and the end of time where it would be after that.
    function nextExecutionTimestampOf(uint256 number) external view returns (uint40);

    /// @notice What a job's funder could pay for a booking now, in wei; 0 where it cannot be asked.
    function availableFor(uint256 number) external view returns (uint256);

    /// @notice Gas of a run that is kept for booking the next one. The target gets the rest of the effort.
    function bookingGas() external view returns (uint256);

    /// @notice Runs in a row that may fail before a job is halted.
    function maxFailures() external view returns (uint8);

    /// @notice The scheduler.
    function scheduler() external view returns (ITransactionScheduler);
}
