// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "./IRebalanceable.sol";
import {IScheduledHandler} from "./IScheduledHandler.sol";
import {ITransactionScheduler} from "./ITransactionScheduler.sol";

/// @title Common part of both kinds of recurring rebalancer
/// @notice A job calls `rebalance(force)` on its target at an interval, through the scheduler, and books the next run
/// after each run. If that fails, for any reason, the run stands, `FailedRecurringSchedule` reports the reason, and the
/// job is stuck until somebody calls `fixReschedule`. A job has one record of the scheduler for its whole life, so it
/// cannot be booked twice.
///
/// A target that reverts is tried again at twice the interval, then four times, and so on; at the maximum of failures
/// in a row the job is halted. A target that does nothing, and returns that, has not failed. If the reason may be over
/// in minutes (`Busy`, `StalePrice`, `SpotOffOracle`) it is tried again after 5, then 20, then 80 minutes, each time at
/// most after an interval, and then after a whole interval. A target that reverts with `Rebalance_Refused`, or because
/// its reentrancy lock is held, is treated as if it had returned that reason.
interface IRecurringJobs is IScheduledHandler {
    /// @notice Way a funder pays. `Ledger`: from its account in the scheduler for the rebalancer contract. `External`:
    /// it is a contract that is called for each fee (`ITxFunder`).
    enum FunderKind {
        Ledger,
        External
    }

    /// @notice Reason why the next run could not be booked.
    /// @dev `INSUFFICIENT_FEES_AVAILABLE`: the funder has less than the fee. `INSUFFICIENT_FEES_PROVIDED`: it sent less
    /// than it reported. `FUNDER_REVERTED`: it could not be called, or reverted. `SPENDING_CAP`: a cap of the payer
    /// forbids it. `SCHEDULER_FULL`: no capacity at that time or soon after. `SCHEDULER_PAUSED`: no new bookings.
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

    /// @notice Terms and payer of a target's rebalances.
    /// @param interval Seconds from one run to the next, not 0.
    /// @param priority Priority of the bookings, not `High`.
    /// @param executionEffort Gas for a run: for the target, and for booking the next one.
    /// @param estimationMargin Multiplier of the estimated fee, in basis points, at least 10,000.
    /// @param forceRebalance Argument of `rebalance`.
    /// @param funderKind How `txFunder` pays.
    /// @param txFunder The payer.
    struct RecurringConfig {
        uint32 interval;
        ITransactionScheduler.Priority priority;
        uint24 executionEffort;
        uint16 estimationMargin;
        bool forceRebalance;
        FunderKind funderKind;
        address txFunder;
    }

    /// @notice Present state of a job.
    /// @param target The target; 0 where there is no such job.
    /// @param number Its record in the scheduler.
    /// @param lastRebalance When it was last run, or created, or revived.
    /// @param failures Runs in a row that failed.
    /// @param halted Whether it is no longer booked.
    /// @param config Terms and payer.
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

    /// @notice A target did nothing. Its run is paid for, and is neither a success nor a failure.
    /// @param target The target.
    /// @param reason Reason why it did nothing.
    /// @param retry Number of the early run that is next, from 1; 0 if the next run is after a whole interval.
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

    /// @notice A halted job was revived.
    event Revived(address indexed target, address indexed by);

    /// @notice A job that was not booked is booked.
    event FixedReschedule(address indexed target, uint40 nextTimestamp, uint256 id);

    /// @notice The next run could not be booked.
    /// @param expected Amount needed, in wei, if the reason is an amount.
    /// @param available Amount available, likewise.
    event FailedRecurringSchedule(
        address indexed target, ScheduleFailure indexed code, uint256 expected, uint256 available
    );

    /// @notice Terms and payer of a target's rebalances were set.
    event ConfigChanged(address indexed target, RecurringConfig config);

    /// @notice The caller is not the scheduler, or the booking is not this contract's.
    error Recurring_NotScheduler(address caller, uint256 id);

    /// @notice A call that changes a job was made during another one.
    error Recurring_Busy();

    /// @notice A part of the configuration is out of range, in the order of its members.
    error Recurring_InvalidConfig(uint256 member);

    /// @notice Under the new configuration no run could be booked.
    error Recurring_ScheduleFailedAfterConfig(ScheduleFailure code);

    /// @notice The job is not halted.
    error Recurring_NotHalted(address target);

    /// @notice The target reverted, or postponed the run, so it is not proven to work. `reasonHead` is the reason's
    /// number where it postponed.
    error Recurring_TargetFailed(address target, bytes32 reasonHead);

    /// @notice The caller's gas is less than a run, or a booking, needs.
    error Recurring_InsufficientGas(uint256 required, uint256 left);

    /// @notice Value was received from an account that is not a funder being called.
    error Recurring_UnexpectedValue(address from);

    /// @notice The job of a record; empty where there is none.
    /// @dev Lenses and keepers get from records to jobs by this function, with either kind of rebalancer.
    function jobOf(uint256 number) external view returns (Job memory);

    /// @notice Time for which the next run would be booked: an interval after the last, longer after failures; at least
    /// the next second, and at most the maximum time.
    function nextExecutionTimestampOf(uint256 number) external view returns (uint40);

    /// @notice Amount that a job's funder could pay for a booking now, in wei; 0 where it cannot be called.
    function availableFor(uint256 number) external view returns (uint256);

    /// @notice Gas of a run that is reserved for booking the next one. The target gets the rest of the effort.
    function bookingGas() external view returns (uint256);

    /// @notice Runs in a row that may fail before a job is halted.
    function maxFailures() external view returns (uint8);

    /// @notice The scheduler.
    function scheduler() external view returns (ITransactionScheduler);
}
