// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

import {HostileRecords} from "./HostileRecords.sol";

/// @title A handler that says of each of its records that it has a job which is stuck, and answers the rest badly
/// @dev Asked for its job it takes as much gas as it is told to before it answers.
contract HostileJobs is HostileRecords {
    uint256 private immutable _gas;

    constructor(ITransactionScheduler scheduler_, uint256 count, Way way, uint256 gas)
        HostileRecords(scheduler_, count, way)
    {
        _gas = gas;
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
}
