// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title A price feed whose owner is the market
/// @notice Chainlink's `AggregatorV3Interface` complete, and of the older interface what lending markets still read.
/// It refuses no price, so that stale, zero and negative ones can be tried; read in another unit it is also the
/// uptime feed of a rollup's sequencer (answer 0: up, 1: down; `startedAt`: since when).
contract PriceFeed is Ownable {
    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    uint256 public constant version = 4;
    uint8 public immutable decimals;
    string public description;
    /// @notice Number of the newest round.
    uint80 public latestRound;
    mapping(uint80 roundId => Round) private _rounds;

    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    error PriceFeedNoDataPresent(uint80 roundId);

    constructor(address owner_, uint8 decimals_, string memory description_) Ownable(owner_) {
        decimals = decimals_;
        description = description_;
    }

    /// @notice Opens a round at this block's time. Owner only.
    function setPrice(int256 price) external {
        setRound(price, block.timestamp);
    }

    /// @notice The newest answer, as the older interface gives it.
    function latestAnswer() external view returns (int256) {
        return _rounds[latestRound].answer;
    }

    /// @notice When the newest answer was given.
    function latestTimestamp() external view returns (uint256) {
        return _rounds[latestRound].updatedAt;
    }

    /// @notice The newest round; reverts while there is none.
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latestRound);
    }

    /// @notice Opens a round with a time of its own, which may lie in the past. Owner only.
    function setRound(int256 price, uint256 updatedAt) public onlyOwner {
        latestRound += 1;
        _rounds[latestRound] = Round({answer: price, updatedAt: updatedAt});
        emit AnswerUpdated(price, latestRound, updatedAt);
    }

    /// @notice One round: id, answer, startedAt, updatedAt, answeredInRound; reverts if it never was.
    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        if (roundId == 0 || roundId > latestRound) revert PriceFeedNoDataPresent(roundId);
        Round memory round = _rounds[roundId];
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }
}
