// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAggregatorV3} from "@ballast/interfaces/external/IAggregatorV3.sol";

/// @title Feed with a settable answer
contract Feed is IAggregatorV3 {
    uint8 public immutable decimals;
    int256 public answer;
    uint256 public startedAt;
    uint256 public updatedAt;

    constructor(uint8 decimals_, int256 answer_) {
        decimals = decimals_;
        set(answer_);
    }

    function set(int256 newAnswer) public {
        setRound(newAnswer, block.timestamp, block.timestamp);
    }

    function setRound(int256 newAnswer, uint256 newStartedAt, uint256 newUpdatedAt) public {
        (answer, startedAt, updatedAt) = (newAnswer, newStartedAt, newUpdatedAt);
    }

    function latestRoundData() public view virtual returns (uint80, int256, uint256, uint256, uint80) {
        return (1, answer, startedAt, updatedAt, 1);
    }
}
