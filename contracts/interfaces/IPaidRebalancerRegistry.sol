// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "./IRecurringJobs.sol";

/// @title Recurring rebalancers that the team pays for, all in one contract
/// @notice A position is the address of its target. The admin allows targets, each for one owner, and sets the payer
/// and the configuration; the owner can only create the rebalancer, have it booked again, transfer it, or delete it.
/// There is one per target.
///
/// A handle is `generation << 160 | target`. The generation rises with each rebalancer of a target, so the handle of a
/// deleted one has no power over its successor.
interface IPaidRebalancerRegistry is IRecurringJobs {
    /// @notice Owner and present rebalancer of a target.
    /// @param owner Account that may create and delete it; 0: the target is not allowed.
    /// @param number Its record in the scheduler; 0: there is none.
    /// @param generation Number of rebalancers so far.
    struct Entry {
        address owner;
        uint64 number;
        uint32 generation;
    }

    /// @notice The configuration of future rebalancers was set.
    event UpdatedDefaultRecurringConfig(RecurringConfig config);

    /// @notice A target was allowed, for one owner.
    event TargetAllowed(address indexed target, address indexed owner);

    /// @notice A target is no longer allowed.
    event TargetDisallowed(address indexed target);

    /// @notice A paid rebalancer was made.
    event CreatedRebalancerPaid(address indexed target, address indexed owner, uint256 handle);

    /// @notice A paid rebalancer was removed, by its owner or by the admin.
    event RemovedRebalancerPaid(address indexed target, address indexed by, uint256 handle);

    /// @notice A handle has another owner.
    event HandleTransferred(address indexed target, address indexed from, address indexed to, uint256 handle);

    /// @notice The target is not allowed for the caller.
    error PaidRebalancerRegistry_NotAllowed(address target, address caller);

    /// @notice The target has a rebalancer already.
    error PaidRebalancerRegistry_RebalancerExists(address target);

    /// @notice The target has no rebalancer.
    error PaidRebalancerRegistry_UnknownRebalancer(address target);

    /// @notice There is no configuration for new rebalancers yet.
    error PaidRebalancerRegistry_NoDefaultConfig();

    /// @notice The handle is of an earlier rebalancer of the target, or of none.
    error PaidRebalancerRegistry_StaleHandle(uint256 handle);

    /// @notice The caller does not own the handle.
    error PaidRebalancerRegistry_NotOwner(address caller);

    /// @notice A target without code, or no owner.
    error PaidRebalancerRegistry_InvalidAddress(address account);

    /// @notice Creates the rebalancer of a target and books its first run, one interval from now.
    /// @dev Who: the owner that the admin allowed for the target. Emits `CreatedRebalancer`, `CreatedRebalancerPaid`
    /// and as `fixReschedule` does: if the funder has too little, the rebalancer exists but is stuck. Reverts with
    /// `PaidRebalancerRegistry_NotAllowed`, `PaidRebalancerRegistry_RebalancerExists`,
    /// `PaidRebalancerRegistry_NoDefaultConfig`.
    function createPaidRebalancer(address target) external returns (uint256 handle);

    /// @notice Books the next run of a target where none is booked. Booked, running or halted: does nothing.
    /// @dev Who: anybody; calling it again changes nothing. Emits `FixedReschedule` or `FailedRecurringSchedule`.
    /// Reverts with `Recurring_InsufficientGas` where there is something to book and less than `bookingGas` is left.
    /// @return found Whether the target has a rebalancer.
    function fixReschedule(address target) external returns (bool found);

    /// @notice The same for several targets, as far as the gas goes: with too little gas it succeeds without booking,
    /// so a gas estimate is of no use.
    /// @dev Who: anybody. A funder that misbehaves stops none of the others.
    /// @return count How many were booked.
    function fixRescheduleBatch(address[] calldata targets) external returns (uint256 count);

    /// @notice `IRecurringRebalancer.revive` of a target's rebalancer.
    /// @dev Who: anybody. Also reverts with `PaidRebalancerRegistry_UnknownRebalancer`.
    function revive(address target) external;

    /// @notice `IRecurringRebalancer.refreshFee` of a target's rebalancer.
    /// @dev Who: anybody. Also reverts with `PaidRebalancerRegistry_UnknownRebalancer`.
    function refreshFee(address target) external returns (bool raised);

    /// @notice Cancels what is booked and removes the rebalancer. The target stays allowed.
    /// @dev Who: the owner of the handle; not during its run. Emits `RemovedRebalancerPaid`. Reverts with
    /// `PaidRebalancerRegistry_StaleHandle`, `PaidRebalancerRegistry_NotOwner`, `Recurring_Busy`.
    function deletePaidRebalancer(uint256 handle) external;

    /// @notice Transfers a rebalancer, and with it the right to create the target's next one.
    /// @dev Who: the owner of the handle. Emits `HandleTransferred`. Reverts as `deletePaidRebalancer` does, and with
    /// `PaidRebalancerRegistry_InvalidAddress`.
    function transferPaidRebalancer(uint256 handle, address to) external;

    /// @notice Allows a target for one owner, or changes its owner.
    /// @dev Who: the configurator's role. Emits `TargetAllowed`. The new owner owns the handle of an existing
    /// rebalancer. Reverts with `PaidRebalancerRegistry_InvalidAddress`.
    function allowTarget(address target, address owner) external;

    /// @notice Disallows a target, and removes its rebalancer, if it has one.
    /// @dev Who: the guardian's role; not during its run. Emits `TargetDisallowed`, and as `removePaidRebalancer` does.
    function disallowTarget(address target) external;

    /// @notice Cancels what is booked and removes a target's rebalancer. The target stays allowed.
    /// @dev Who: the guardian's role; not during its run. Emits `RemovedRebalancerPaid`. Reverts with
    /// `PaidRebalancerRegistry_UnknownRebalancer`, `Recurring_Busy`.
    function removePaidRebalancer(address target) external;

    /// @notice Sets the configuration of future rebalancers.
    /// @dev Who: the configurator's role. Emits `UpdatedDefaultRecurringConfig`. Reverts with
    /// `Recurring_InvalidConfig`.
    function updateDefaultRecurringConfig(RecurringConfig calldata config) external;

    /// @notice Sets the configuration of a target's rebalancer: cancels what is booked, and books anew.
    /// @dev Who: the configurator's role; not during its run. Emits `ConfigChanged`. Reverts with
    /// `PaidRebalancerRegistry_UnknownRebalancer`, and as `IRecurringRebalancer.setRecurringConfig` does.
    function updateRecurringConfig(address target, RecurringConfig calldata config) external;

    /// @notice Owner and present rebalancer of a target.
    function entryOf(address target) external view returns (Entry memory);

    /// @notice The handle of a target's rebalancer; 0 where there is none.
    function handleOf(address target) external view returns (uint256);

    /// @notice The job of a target; empty where there is none.
    function paidJobOf(address target) external view returns (Job memory);

    /// @notice Whether a target has a rebalancer with nothing booked that `fixReschedule` would try to book.
    function isStuck(address target) external view returns (bool);

    /// @notice The configuration of future rebalancers; an interval of 0 where there is none yet.
    function defaultRecurringConfig() external view returns (RecurringConfig memory);
}
