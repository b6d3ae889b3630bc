// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "./IRecurringJobs.sol";
import {ITransactionScheduler} from "./ITransactionScheduler.sol";

/// @title Views for keepers: many records of a scheduler in one call
/// @notice A handler that misbehaves is left without a job and stops nobody's page. Everything is as of one block.
///
/// Handlers are asked with bounded gas, and views of many records end before theirs runs out: they return where to go
/// on. With too little gas for a single record they revert, so nothing is answered wrongly for want of gas.
interface ISchedulerLens {
    /// @notice A record: what is booked in it, and the job that it belongs to.
    /// @param number The record.
    /// @param id Its present booking; 0 where nothing was booked yet.
    /// @param booking The booking, its status and its fee.
    /// @param target What is rebalanced; 0 where the handler is no rebalancer.
    /// @param due Whether it can be executed now.
    /// @param payout As `ITransactionScheduler.payoutOf`.
    /// @param required What the next booking would cost now, margin included.
    /// @param available What the funder could pay for it now.
    /// @param nextRun When the next run is due, or would be booked for.
    /// @param failures Runs in a row that failed.
    /// @param halted Whether it is no longer booked.
    /// @param stuck Whether nothing is booked, and `fixReschedule` would try.
    /// @param lastRun When the job was last run, or created, or revived; 0 where there is none.
    /// @param isExternal Whether the payer is a contract that is asked for each fee.
    struct Row {
        uint256 number;
        uint256 id;
        ITransactionScheduler.Transaction booking;
        address target;
        bool due;
        uint256 payout;
        uint256 required;
        uint256 available;
        uint40 nextRun;
        uint8 failures;
        bool halted;
        bool stuck;
        uint40 lastRun;
        bool isExternal;
    }

    /// @notice There is not enough gas to look at a single record.
    /// @param required Gas that must be left.
    /// @param left Gas that is left.
    error SchedulerLens_InsufficientGas(uint256 required, uint256 left);

    /// @notice Records from `first` on, at most `count`, as far as the gas lasts.
    /// @dev Reverts with `SchedulerLens_InsufficientGas`.
    /// @param first The first record.
    /// @param count How many.
    /// @return rows In order of their numbers.
    /// @return next Where to go on; 0 at the end.
    function page(uint256 first, uint256 count) external view returns (Row[] memory rows, uint256 next);

    /// @notice One record.
    function rowOf(uint256 number) external view returns (Row memory);

    /// @notice What there is to do, looking at `count` records at most from `first` on, as far as the gas lasts: which
    /// bookings are due, with what they pay, and which records are stuck.
    /// @dev The cheapest way to watch many. Bookings with data are among those due. Reverts with
    /// `SchedulerLens_InsufficientGas`.
    /// @param first The first record.
    /// @param count How many.
    /// @return due Bookings that can be executed now.
    /// @return payouts What each pays, as `ITransactionScheduler.payoutOf`.
    /// @return stuck Records to be fixed.
    /// @return next Where to go on; 0 at the end.
    function sweep(uint256 first, uint256 count)
        external
        view
        returns (uint256[] memory due, uint256[] memory payouts, uint256[] memory stuck, uint256 next);

    /// @notice The records that contracts say are theirs, as far as the gas lasts: of events that anybody can emit. It
    /// is not looked whether the scheduler knows them so.
    /// @dev Reverts with `SchedulerLens_InsufficientGas`.
    /// @param handlers The contracts, asked as `RecurringRebalancer.number`.
    /// @return numbers What each said, of those that were asked; 0 where one does not tell.
    function numbersOf(address[] calldata handlers) external view returns (uint256[] memory numbers);

    /// @notice Whether handler, target and record of a stuck one belong together: what to call to fix it.
    /// @return handler The rebalancer or registry.
    /// @return target What is rebalanced.
    /// @return paid Whether the handler is a registry, and so is called with the target.
    function fixOf(uint256 number) external view returns (address handler, address target, bool paid);

    /// @notice Sum of what is in escrow in a range of records.
    function escrowed(uint256 first, uint256 count) external view returns (uint256);

    /// @notice The job of a record; empty where its handler does not tell.
    function jobOf(uint256 number) external view returns (IRecurringJobs.Job memory);

    /// @notice The scheduler.
    function scheduler() external view returns (ITransactionScheduler);
}
