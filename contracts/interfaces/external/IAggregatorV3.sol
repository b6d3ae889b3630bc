// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Ballast reads of a Chainlink aggregator
interface IAggregatorV3 {
    /// @notice Decimals of the answers.
    function decimals() external view returns (uint8);

    /// @notice The last round. Of a sequencer's uptime feed `answer` is 0 while up, 1 while down, and `startedAt` tells
    /// since when.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
