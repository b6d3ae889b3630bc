// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {BurningHandler} from "./BurningHandler.sol";

/// @title Handler with many records that answers every call badly in the same way
contract HostileRecords is BurningHandler {
    ITransactionScheduler internal immutable _scheduler;
    uint24 internal constant EFFORT = 400_000;
    uint16 private constant MARGIN = 20_000;

    constructor(ITransactionScheduler scheduler_, uint256 count, Way way) BurningHandler(way) {
        _scheduler = scheduler_;
        // Reserving a record costs no fee.
        for (uint256 i = 0; i < count; ++i) {
            scheduler_.reserve(ITransactionScheduler.Priority.Low, EFFORT, address(this));
        }
    }

    /// @dev Makes a well-paid booking that is due in one second.
    function book(uint24 effort) external payable {
        ITransactionScheduler.Request memory request;
        request.timestamp = uint40(block.timestamp + 1);
        (request.priority, request.effort) = (ITransactionScheduler.Priority.Medium, effort);
        (request.payer, request.marginBps) = (address(this), MARGIN);
        _scheduler.schedule{value: msg.value}(request, "");
    }
}
