// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Violations that handlers saw
/// @notice Handlers may revert without consequence, so what they find wrong is written down here and judged by the
/// invariants.
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
