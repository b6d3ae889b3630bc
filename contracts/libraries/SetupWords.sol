// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITransactionScheduler} from "../interfaces/ITransactionScheduler.sol";

/// @title The values that each booking reads, in one word
/// @notice `records 30 | limited 1 | paused 1 | inclusionFee 56 | tip 48 | floorPrice 48 | low 24 | medium 24 | high
/// 24`, from the highest bit. The multipliers are in the order of the priorities.
library SetupWords {
    uint256 private constant MULTIPLIER_BITS = 24;
    uint256 private constant FLOOR_SHIFT = 72;
    uint256 private constant TIP_SHIFT = 120;
    uint256 private constant INCLUSION_SHIFT = 168;
    uint256 private constant PRICES_MASK = (1 << 224) - 1;
    uint256 private constant PAUSED_BIT = 1 << 224;
    uint256 private constant LIMITED_BIT = 1 << 225;
    uint256 private constant RECORDS_SHIFT = 226;

    function pricesOf(uint256 word) internal pure returns (ITransactionScheduler.Prices memory prices) {
        prices.high = uint24(word);
        prices.medium = uint24(word >> MULTIPLIER_BITS);
        prices.low = uint24(word >> 2 * MULTIPLIER_BITS);
        (prices.floorPrice, prices.tip) = (uint48(word >> FLOOR_SHIFT), uint48(word >> TIP_SHIFT));
        prices.inclusionFee = uint56(word >> INCLUSION_SHIFT);
    }

    function withPrices(uint256 word, ITransactionScheduler.Prices memory prices) internal pure returns (uint256) {
        return (word & ~PRICES_MASK) | prices.high | (uint256(prices.medium) << MULTIPLIER_BITS)
            | (uint256(prices.low) << 2 * MULTIPLIER_BITS) | (uint256(prices.floorPrice) << FLOOR_SHIFT)
            | (uint256(prices.tip) << TIP_SHIFT) | (uint256(prices.inclusionFee) << INCLUSION_SHIFT);
    }

    function withPaused(uint256 word, bool given) internal pure returns (uint256) {
        return given ? word | PAUSED_BIT : word & ~PAUSED_BIT;
    }

    function withLimited(uint256 word, bool given) internal pure returns (uint256) {
        return given ? word | LIMITED_BIT : word & ~LIMITED_BIT;
    }

    /// @dev Increments the number of records.
    function withRecord(uint256 word) internal pure returns (uint256) {
        return word + (1 << RECORDS_SHIFT);
    }

    function recordsOf(uint256 word) internal pure returns (uint256) {
        return word >> RECORDS_SHIFT;
    }

    function isPaused(uint256 word) internal pure returns (bool) {
        return word & PAUSED_BIT != 0;
    }

    function isLimited(uint256 word) internal pure returns (bool) {
        return word & LIMITED_BIT != 0;
    }

    /// @dev Cost of an amount of gas in wei, in ten-thousandths. Gas has at most 26 bits and a gas price 64, so nothing
    /// overflows.
    function costOf(uint256 word, uint256 gas, ITransactionScheduler.Priority priority, uint256 baseFee)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 price = uint48(word >> FLOOR_SHIFT);
            if (baseFee > price) price = baseFee;
            price += uint48(word >> TIP_SHIFT);
            return gas * price * uint24(word >> MULTIPLIER_BITS * uint256(priority));
        }
    }

    function inclusionFeeOf(uint256 word) internal pure returns (uint256) {
        return uint56(word >> INCLUSION_SHIFT);
    }
}
