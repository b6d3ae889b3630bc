// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {HostileRecords} from "./HostileRecords.sol";

/// @title Handler that reports a stuck job for each of its records, and answers other calls badly
/// @dev `jobOf` uses a configured amount of gas before it returns.
contract HostileJobs is HostileRecords {
    uint256 private immutable _gas;

    constructor(ITransactionScheduler scheduler_, uint256 count, Way way, uint256 gas)
        HostileRecords(scheduler_, count, way)
    {
        _gas = gas;
    }

    /// @dev Returns a job in the lens's format: target, number, last, failures, halted and a configuration.
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
}
