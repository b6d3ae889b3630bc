// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Violations found by handlers
/// @notice A revert of a handler has no consequence, so violations are recorded here and checked by the invariants.
contract Ledger {
    mapping(string property => uint256) public violations;
    mapping(string what => uint256) public counts;
    uint256 public total;

    function check(bool holds, string calldata property) external {
        if (holds) return;
        ++violations[property];
        ++total;
    }

    function count(string calldata what) external {
        ++counts[what];
    }
}
