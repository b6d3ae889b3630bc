// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRecurringJobs} from "./IRecurringJobs.sol";
import {ITransactionScheduler} from "./ITransactionScheduler.sol";

/// @title Views for keepers: many records of a scheduler in one call
/// @notice A handler that misbehaves is shown without a job and affects no other row. All results are of one block.
///
/// Handlers are called with bounded gas, and views of many records end before the gas runs out: they return where to
/// continue. With too little gas for a single record they revert, so a lack of gas never gives a wrong answer.
interface ISchedulerLens {
    /// @notice A record, with its booking and the job that it belongs to.
    /// @param number The record.
    /// @param id Its present booking; 0 if none was ever booked.
    /// @param booking The booking, its status and its fee.
    /// @param target Target of the job; 0 where the handler is no rebalancer.
    /// @param due Whether it can be executed now.
    /// @param payout As `ITransactionScheduler.payoutOf`.
    /// @param required Present fee of the next booking, including the margin.
    /// @param available Amount that the funder could pay for it now.
    /// @param nextRun When the next run is due, or would be booked for.
    /// @param failures Runs in a row that failed.
    /// @param halted Whether the job is no longer booked.
    /// @param stuck Whether nothing is booked, and `fixReschedule` would try.
    /// @param lastRun When the job was last run, or created, or revived; 0 where there is none.
    /// @param isExternal Whether the payer is a contract that is called for each fee.
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

    /// @notice There is not enough gas to read a single record.
    /// @param required Gas that must be left.
    /// @param left Gas that is left.
    error SchedulerLens_InsufficientGas(uint256 required, uint256 left);

    /// @notice Records from `first` on, at most `count`, as far as the gas lasts.
    /// @dev Reverts with `SchedulerLens_InsufficientGas`.
    /// @param first The first record.
    /// @param count How many.
    /// @return rows In order of their numbers.
    /// @return next Where to continue; 0 at the end.
    function page(uint256 first, uint256 count) external view returns (Row[] memory rows, uint256 next);

    /// @notice One record.
    function rowOf(uint256 number) external view returns (Row memory);

    /// @notice Due bookings with their payouts, and stuck records, of at most `count` records from `first` on, as far
    /// as the gas lasts.
    /// @dev The cheapest way to watch many records. Due bookings include those with data. Reverts with
    /// `SchedulerLens_InsufficientGas`.
    /// @param first The first record.
    /// @param count How many.
    /// @return due Bookings that can be executed now.
    /// @return payouts Payout of each, as `ITransactionScheduler.payoutOf`.
    /// @return stuck Records to be fixed.
    /// @return next Where to continue; 0 at the end.
    function sweep(uint256 first, uint256 count)
        external
        view
        returns (uint256[] memory due, uint256[] memory payouts, uint256[] memory stuck, uint256 next);

    /// @notice The record numbers that contracts report as their own, as far as the gas lasts: for contracts known from
    /// events that anybody can emit. They are not compared with the scheduler's records.
    /// @dev Reverts with `SchedulerLens_InsufficientGas`.
    /// @param handlers The contracts, called as `RecurringRebalancer.number`.
    /// @return numbers Answers of the contracts called; 0 where one does not answer.
    function numbersOf(address[] calldata handlers) external view returns (uint256[] memory numbers);

    /// @notice The handler and target of a record whose job can be fixed, after a check that they belong together.
    /// @return handler The rebalancer or registry.
    /// @return target Target of the job.
    /// @return paid Whether the handler is a registry, which must be called with the target.
    function fixOf(uint256 number) external view returns (address handler, address target, bool paid);

    /// @notice Sum of the escrow in a range of records.
    function escrowed(uint256 first, uint256 count) external view returns (uint256);

    /// @notice The job of a record; empty where its handler does not answer.
    function jobOf(uint256 number) external view returns (IRecurringJobs.Job memory);

    /// @notice The scheduler.
    function scheduler() external view returns (ITransactionScheduler);
}
