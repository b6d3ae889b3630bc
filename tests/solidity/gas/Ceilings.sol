// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Upper bounds of the gas of whole transactions, with all guards
/// @notice Each is below the best measurement of a public system for the same move with plain tokens.
library Ceilings {
    uint256 internal constant IDLE_TO_STRATEGY = 100_000;
    uint256 internal constant STRATEGY_TO_IDLE = 95_000;
    uint256 internal constant ACROSS_TIERS = 145_000;
    uint256 internal constant INSIDE_TIER = 135_000;
    uint256 internal constant PULL_THREE = 183_000;
    uint256 internal constant FOUR_ASSETS = 360_000;
    /// @dev Only the bucket, inside a call.
    uint256 internal constant BUCKET = 9_000;
    uint256 internal constant ONE_SHOT = 42_000;
    uint256 internal constant CYCLE_CONTRACT = 80_000;
    uint256 internal constant CYCLE_RECORD = 65_000;
    uint256 internal constant BATCH_JOB = 40_000;
    uint256 internal constant PASS_ENTRY = 10_000;
    uint256 internal constant CREATE_PAID = 150_000;
}
