// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of a Chainlink aggregator that Ballast reads
interface IAggregatorV3 {
    /// @notice Decimals of the answers.
    function decimals() external view returns (uint8);

    /// @notice The last round. For a sequencer's uptime feed `answer` is 0 while up and 1 while down, and `startedAt`
    /// is the time of the last change.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
