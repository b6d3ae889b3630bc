// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

/// @title A contract that emits one event of the rebalancers' kind, and answers every call badly in the same way
contract BurningHandler {
    enum Way {
        Reverts,
        Burns,
        ReturnsNothing,
        ReturnsGarbage,
        Floods,
        IsSlow
    }

    event FailedRecurringSchedule(address indexed target, uint8 indexed code, uint256 expected, uint256 available);

    uint256 private constant MEGABYTE = 1_000_000;
    uint256 private constant LEFT = 3_000;

    Way private immutable _way;

    constructor(Way way) {
        _way = way;
        emit FailedRecurringSchedule(address(this), 1, 0, 0);
    }

    receive() external payable {}

    fallback() external payable {
        _misbehave(_way);
    }

    /// @dev Slowly is: with all but a little of its gas, and then nothing.
    function _misbehave(Way way) internal {
        if (way == Way.Reverts) revert("hostile");
        if (way == Way.IsSlow) while (gasleft() > LEFT) {}
        assembly {
            if eq(way, 1) { invalid() }
            if eq(way, 3) {
                mstore(0, not(0))
                return(0, 0x1f)
            }
            if eq(way, 4) { return(0, MEGABYTE) }
        }
    }
}

/// @title A handler of many records that burns all gas that it is ever asked with
contract BurningRecords {
    ITransactionScheduler private immutable _scheduler;
    uint24 private constant EFFORT = 400_000;

    constructor(ITransactionScheduler scheduler_) {
        _scheduler = scheduler_;
    }

    fallback() external {
        assembly {
            invalid()
        }
    }

    /// @dev Reserving costs no fee.
    function reserve(uint256 count) external {
        for (uint256 i = 0; i < count; ++i) {
            _scheduler.reserve(ITransactionScheduler.Priority.Low, EFFORT, address(this));
        }
    }
}

/// @title A handler that says of each of its records that it has a job which is stuck, and answers the rest badly
/// @dev Asked for its job it takes as much gas as it is told to before it answers.
contract LyingJobs is BurningHandler {
    ITransactionScheduler private immutable _scheduler;
    uint256 private immutable _gas;
    uint24 private constant EFFORT = 400_000;

    constructor(ITransactionScheduler scheduler_, uint256 count, Way way, uint256 gas) BurningHandler(way) {
        (_scheduler, _gas) = (scheduler_, gas);
        for (uint256 i = 0; i < count; ++i) {
            scheduler_.reserve(ITransactionScheduler.Priority.Low, EFFORT, address(this));
        }
    }

    /// @dev A job as the lens takes it: target, number, last, failures, halted, and a configuration.
    function jobOf(uint256 record) external view returns (uint256[12] memory words) {
        uint256 begun = gasleft();
        words[0] = uint160(address(this));
        words[1] = record;
        (words[5], words[6], words[7], words[8]) = (1 days, 1, EFFORT, 12_000);
        words[11] = uint160(address(this));
        while (begun - gasleft() < _gas) {}
    }

    function number() external view returns (uint256) {
        return _scheduler.records();
    }

    /// @dev Says that it has booked, and has not.
    function fixReschedule() external returns (bool) {
        if (_gas == 0) return true;
        _misbehave(Way.Burns);
        return false;
    }

    /// @dev With all its gas, one booking that is due in a second.
    function book(uint24 effort) external payable {
        ITransactionScheduler.Request memory request;
        request.timestamp = uint40(block.timestamp + 1);
        (request.priority, request.effort, request.payer) =
        (ITransactionScheduler.Priority.Medium, effort, address(this));
        request.marginBps = 20_000;
        _scheduler.schedule{value: msg.value}(request, "");
    }
}
