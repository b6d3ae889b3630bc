// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";

/// @title Accounts in one word
/// @notice `last 40 | spent 40 | perDay 40 | perRun 40 | balance 88`, from the highest bit used.
library AccountWords {
    uint256 private constant PER_RUN_SHIFT = 88;
    uint256 private constant PER_DAY_SHIFT = 128;
    uint256 private constant SPENT_SHIFT = 168;
    uint256 private constant LAST_SHIFT = 208;
    uint256 private constant KEPT_MASK = (1 << SPENT_SHIFT) - 1;

    function unpack(uint256 word) internal pure returns (ITransactionScheduler.Account memory account) {
        account.balance = uint88(word);
        account.perRun = uint40(word >> PER_RUN_SHIFT);
        account.perDay = uint40(word >> PER_DAY_SHIFT);
        account.spent = uint40(word >> SPENT_SHIFT);
        account.last = uint40(word >> LAST_SHIFT);
    }

    function pack(ITransactionScheduler.Account memory account) internal pure returns (uint256) {
        return uint256(account.balance) | (uint256(account.perRun) << PER_RUN_SHIFT)
            | (uint256(account.perDay) << PER_DAY_SHIFT) | (uint256(account.spent) << SPENT_SHIFT)
            | (uint256(account.last) << LAST_SHIFT);
    }

    /// @dev Adds an amount, up to the maximum: a full account has more than anybody owes to it, and must neither
    /// prevent payments to others nor overflow into its caps.
    function plus(uint256 word, uint256 amount) internal pure returns (uint256) {
        unchecked {
            uint256 room = type(uint88).max - uint88(word);
            return word + (amount < room ? amount : room);
        }
    }

    function balanceOf(uint256 word) internal pure returns (uint256) {
        return uint88(word);
    }

    function perRunOf(uint256 word) internal pure returns (uint256) {
        return uint40(word >> PER_RUN_SHIFT);
    }

    function dayOf(uint256 word) internal pure returns (uint256 perDay, uint256 spent, uint256 last) {
        return (uint40(word >> PER_DAY_SHIFT), uint40(word >> SPENT_SHIFT), uint40(word >> LAST_SHIFT));
    }

    /// @dev The given values must be in range.
    function withDay(uint256 word, uint256 spent, uint256 last) internal pure returns (uint256) {
        return (word & KEPT_MASK) | (spent << SPENT_SHIFT) | (last << LAST_SHIFT);
    }

    function isCapped(uint256 word) internal pure returns (bool) {
        return uint40(word >> PER_DAY_SHIFT) != 0;
    }

    /// @dev Subtracts from the used part of the day's cap, down to zero.
    function unspend(uint256 word, uint256 amount) internal pure returns (uint256) {
        uint256 spent = uint40(word >> SPENT_SHIFT);
        unchecked {
            return word - ((amount < spent ? amount : spent) << SPENT_SHIFT);
        }
    }
}
