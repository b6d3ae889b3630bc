// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Feed that fails in one of several ways
contract MoodyFeed {
    enum Mood {
        Honest,
        Reverts,
        /// Reverts with a large amount of data.
        Bombs,
        /// Uses up all gas.
        BurnsGas,
        /// Returns less data than a round has.
        Short,
        /// Returns values outside the types of a round.
        Dirty
    }

    uint256 private constant BOMB_SIZE = 100_000;

    uint8 public constant decimals = 8;
    int256 public answer;
    Mood public mood;

    constructor(int256 answer_) {
        answer = answer_;
    }

    function setMood(Mood newMood) external {
        mood = newMood;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (mood == Mood.Reverts) revert("dead");
        if (mood == Mood.Bombs) {
            assembly {
                revert(0, BOMB_SIZE)
            }
        }
        if (mood == Mood.BurnsGas) {
            while (true) {}
        }
        if (mood == Mood.Short) {
            assembly {
                return(0, 0x80)
            }
        }
        if (mood == Mood.Dirty) {
            assembly {
                mstore(0x40, not(0))
                return(0x40, 0xa0)
            }
        }
        return (1, answer, block.timestamp, block.timestamp, 1);
    }
}
