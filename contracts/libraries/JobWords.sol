// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Recurring jobs in one word
/// @notice `target 160 | last 40 | interval 32 | marginBps 16 | 1 | stored 1 | external 1 | force 1 | failures 4`, from
/// the highest bit. Where `stored` is not set the last run was an interval before what the scheduler has for the next
/// one, so
/// that a run that goes as it should need not write the word.
library JobWords {
    uint256 private constant FAILURES_MASK = 15;
    uint256 private constant FORCE = 1 << 4;
    uint256 private constant EXTERNAL = 1 << 5;
    uint256 private constant STORED = 1 << 6;
    uint256 private constant MARGIN_SHIFT = 8;
    uint256 private constant INTERVAL_SHIFT = 24;
    uint256 private constant LAST_SHIFT = 56;
    uint256 private constant TARGET_SHIFT = 96;
    uint256 private constant RUN_MASK = (((1 << 40) - 1) << LAST_SHIFT) | STORED | FAILURES_MASK;

    /// @dev A job that has not run. What is given must be in range.
    function make(address target_, uint256 interval_, uint256 marginBps_, bool force, bool external_)
        internal
        pure
        returns (uint256 word)
    {
        word = (uint256(uint160(target_)) << TARGET_SHIFT) | (interval_ << INTERVAL_SHIFT)
            | (marginBps_ << MARGIN_SHIFT);
        if (force) word |= FORCE;
        if (external_) word |= EXTERNAL;
    }

    /// @dev After a run, or what counts as one, that must be remembered.
    function ran(uint256 word, uint256 last_, uint256 failures_) internal pure returns (uint256) {
        return (word & ~RUN_MASK) | (last_ << LAST_SHIFT) | STORED | failures_;
    }

    /// @dev After a run that went as it should.
    function plain(uint256 word) internal pure returns (uint256) {
        return word & ~RUN_MASK;
    }

    function target(uint256 word) internal pure returns (address) {
        return address(uint160(word >> TARGET_SHIFT));
    }

    function last(uint256 word) internal pure returns (uint256) {
        return uint40(word >> LAST_SHIFT);
    }

    function interval(uint256 word) internal pure returns (uint256) {
        return uint32(word >> INTERVAL_SHIFT);
    }

    function marginBps(uint256 word) internal pure returns (uint16) {
        return uint16(word >> MARGIN_SHIFT);
    }

    function failures(uint256 word) internal pure returns (uint256) {
        return word & FAILURES_MASK;
    }

    /// @dev Seconds to the next run: the interval doubles with each failure in a row.
    function pause(uint256 word) internal pure returns (uint256) {
        return uint256(uint32(word >> INTERVAL_SHIFT)) << (word & FAILURES_MASK);
    }

    function isForced(uint256 word) internal pure returns (bool) {
        return word & FORCE != 0;
    }

    function isExternal(uint256 word) internal pure returns (bool) {
        return word & EXTERNAL != 0;
    }

    function isStored(uint256 word) internal pure returns (bool) {
        return word & STORED != 0;
    }
}
