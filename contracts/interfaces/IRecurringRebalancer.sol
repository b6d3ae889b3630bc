// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "./IRecurringJobs.sol";

/// @title The standard recurring rebalancer: one target, owned, paid and configured by its user
/// @notice It pays from its own account in the scheduler unless configured otherwise: value sent here, or deposited
/// there for it, funds it. To force runs, the target's admin must make it an operator of the target.
interface IRecurringRebalancer is IRecurringJobs {
    /// @notice The rebalancer was closed permanently.
    event Closed();

    /// @notice The rebalancer is closed permanently.
    error RecurringRebalancer_Closed();

    /// @notice A target or a scheduler without code, or without an owner.
    error RecurringRebalancer_InvalidAddress(address account);

    /// @notice Books the next run where none is booked. Booked, running, halted or closed: does nothing.
    /// @dev Who: anybody; calling it again changes nothing. Emits `FixedReschedule` or `FailedRecurringSchedule`.
    /// Reverts with `Recurring_InsufficientGas` where there is something to book and less than `bookingGas` is left.
    /// @return scheduled Whether it booked.
    function fixReschedule() external returns (bool scheduled);

    /// @notice Runs the target of a halted job at the caller's expense. If that succeeds the job is booked again, and
    /// halted again by its next failure.
    /// @dev Who: anybody. Emits `Revived`, and as `fixReschedule` does. Reverts with `Recurring_NotHalted`,
    /// `Recurring_InsufficientGas`, `Recurring_TargetFailed`, `Recurring_Busy`.
    function revive() external;

    /// @notice Raises the fee of a booking that was not executed in time, because gas has become dearer, to the present
    /// fee. The funder's caps apply. Does nothing where there is nothing to raise.
    /// @dev Who: anybody, a minute after the booking was due. Emits as the scheduler does, or
    /// `FailedRecurringSchedule`.
    /// @return raised Whether it is higher now.
    function refreshFee() external returns (bool raised);

    /// @notice Cancels the booking, sets terms and payer of the target's rebalances, and books again.
    /// @dev Who: the owner; not during a run. The fee paid returns to the account of its payer under the old
    /// configuration. Emits `ConfigChanged`. Reverts with `Recurring_InvalidConfig`, with
    /// `Recurring_ScheduleFailedAfterConfig` where no run can be booked, `RecurringRebalancer_Closed`,
    /// `Recurring_Busy`, and as `ITransactionScheduler.cancel` does. A halted job is booked again.
    function setRecurringConfig(RecurringConfig calldata config) external;

    /// @notice Cancels the booking, if there is one. Anybody's `fixReschedule` books again; `close` stops permanently.
    /// @dev Who: the owner; not during a run. Reverts as `ITransactionScheduler.cancel` does.
    function cancelAllScheduledTransactions() external;

    /// @notice Cancels the booking and closes permanently.
    /// @dev Who: the owner; not during a run. Emits `Closed`. Reverts as `cancelAllScheduledTransactions` does.
    function close() external;

    /// @notice Withdraws money from the rebalancer's own account in the scheduler.
    /// @dev Who: the owner. Reverts as `ITransactionScheduler.withdraw` does.
    function withdraw(address to, uint256 amount) external;

    /// @notice Limits the cost of runs, where the rebalancer pays itself. Both 0: no limit.
    /// @dev Who: the owner. Reverts as `ITransactionScheduler.setSpender` does.
    /// @param perRun The most for one booking, in gwei.
    /// @param perDay The most for a day, in gwei.
    function setCaps(uint40 perRun, uint40 perDay) external;

    /// @notice Time for which the next run would be booked.
    function nextExecutionTimestamp() external view returns (uint40);

    /// @notice The target.
    function target() external view returns (address);

    /// @notice The rebalancer's record in the scheduler.
    function number() external view returns (uint256);

    /// @notice Terms and payer of the target's rebalances.
    function recurringConfig() external view returns (RecurringConfig memory);

    /// @notice When the target was last rebalanced.
    function lastRebalanceTimestamp() external view returns (uint40);

    /// @notice Whether it is closed permanently.
    function closed() external view returns (bool);
}
