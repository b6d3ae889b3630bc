// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPaidRebalancerRegistry} from "./IPaidRebalancerRegistry.sol";
import {IScheduledHandler} from "./IScheduledHandler.sol";
import {ITransactionScheduler} from "./ITransactionScheduler.sol";
import {IAutomationCompatible} from "./external/IAutomationCompatible.sol";

/// @title Calls `fixReschedule` on paid rebalancers, at an interval, through the scheduler
/// @notice A tick books the next tick first, and then goes through the list from where the last one stopped, as far as
/// its gas goes. Each entry is called with separate gas and at most a word of its answer is read, so no entry can
/// affect another. Entries without a rebalancer are removed.
///
/// Ticks are at multiples of the interval. The supervisor pays from its own account in the scheduler: value sent here,
/// or deposited there for it, funds it. When it cannot pay, `poke` does the work in its place, and books its next tick.
interface IRebalanceSupervisor is IScheduledHandler, IAutomationCompatible {
    /// @notice Schedule of the supervisor's ticks.
    /// @param interval Seconds between ticks, which are at its multiples.
    /// @param effort Gas of a tick.
    /// @param marginBps Multiplier of the fee, at least 10,000.
    /// @param priority Priority of the bookings, not `High`.
    struct Schedule {
        uint32 interval;
        uint24 effort;
        uint16 marginBps;
        ITransactionScheduler.Priority priority;
    }

    /// @notice A target's rebalancer was added to the list.
    event AddedPaidRebalancer(address indexed target);

    /// @notice A target was dropped from the list.
    event RemovedPaidRebalancer(address indexed target);

    /// @notice A tick of its own was executed.
    event Executed(uint256 indexed id);

    /// @notice A part of the list was visited.
    /// @param id The booking; 0 if it was a `poke`.
    /// @param start Index of the first entry.
    /// @param scanned Number of entries visited.
    /// @param pruned Number of them that were removed.
    /// @param failed Number of them that could not be called.
    event SupervisorTick(uint256 indexed id, uint256 start, uint256 scanned, uint256 pruned, uint256 failed);

    /// @notice The call of an entry failed.
    event SupervisorItemFailed(address indexed target, bytes32 reasonHead);

    /// @notice The next tick could not be booked.
    event SupervisorRescheduleFailed(bytes32 reasonHead);

    /// @notice The next tick was booked, after none had been booked.
    event SupervisorRescheduled(uint256 indexed id, uint40 timestamp);

    /// @notice The schedule of the supervisor's ticks was set.
    event ScheduleSet(Schedule schedule);

    /// @notice The caller is not the scheduler, or the booking is not the supervisor's.
    error RebalanceSupervisor_NotScheduler(address caller, uint256 id);

    /// @notice The target has no paid rebalancer, or is on the list already.
    error RebalanceSupervisor_CannotAdd(address target);

    /// @notice The target is not on the list, or its rebalancer exists and is not the caller's.
    error RebalanceSupervisor_CannotRemove(address target, address caller);

    /// @notice A part of the schedule is out of range.
    error RebalanceSupervisor_InvalidSchedule();

    /// @notice A nested call.
    error RebalanceSupervisor_Busy();

    /// @notice Puts a target on the list.
    /// @dev Who: anybody; the registry must have a rebalancer for it. Emits `AddedPaidRebalancer`. Reverts with
    /// `RebalanceSupervisor_CannotAdd`.
    function addPaidRebalancer(address target) external;

    /// @notice Drops a target from the list.
    /// @dev Who: the owner of its handle; anybody where the registry no longer has a rebalancer for it. Emits
    /// `RemovedPaidRebalancer`. Reverts with `RebalanceSupervisor_CannotRemove`.
    function removePaidRebalancer(address target) external;

    /// @notice Visits at most `maximum` entries from the cursor on, and books the next tick where none is booked.
    /// @dev Who: anybody, at their own expense. Emits as a tick does.
    /// @return scanned Number of entries visited.
    function poke(uint256 maximum) external returns (uint256 scanned);

    /// @notice Books the next tick where none is booked.
    /// @dev Who: anybody. Emits `SupervisorRescheduled` or `SupervisorRescheduleFailed`.
    function fixReschedule() external returns (bool scheduled);

    /// @notice Sets how ticks are booked, from the next one on. Books one where none is booked.
    /// @dev Who: the configurator's role. Emits `ScheduleSet`. Reverts with `RebalanceSupervisor_InvalidSchedule`.
    function setSchedule(Schedule calldata newSchedule) external;

    /// @notice Withdraws money from the supervisor's account in the scheduler.
    /// @dev Who: the configurator's role. Reverts as `ITransactionScheduler.withdraw` does.
    function withdraw(address to, uint256 amount) external;

    /// @notice Stuck entries of a part of the list, and whether the next tick is not booked: `checkData` is the first
    /// index and the number, encoded; or empty: the first 1,000.
    /// @dev `performData` is a list of targets, perhaps empty.
    /// @inheritdoc IAutomationCompatible
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData);

    /// @notice Targets of a part of the list.
    function targetsAt(uint256 start, uint256 count) external view returns (address[] memory);

    /// @notice Whether a target is on the list.
    function isListed(address target) external view returns (bool);

    /// @notice Number of entries.
    function length() external view returns (uint256);

    /// @notice Index at which the next tick begins.
    function cursor() external view returns (uint256);

    /// @notice Terms of the ticks' bookings.
    function schedule() external view returns (Schedule memory);

    /// @notice Time for which the next tick would be booked.
    function nextExecutionTimestamp() external view returns (uint40);

    /// @notice The supervisor's record in the scheduler; 0 before its first booking.
    function number() external view returns (uint256);

    /// @notice The registry of the rebalancers on the list.
    function registry() external view returns (IPaidRebalancerRegistry);

    /// @notice The scheduler.
    function scheduler() external view returns (ITransactionScheduler);
}
