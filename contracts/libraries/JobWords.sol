// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Recurring jobs in one word
/// @notice `target 160 | last 40 | interval 32 | marginBps 16 | external 1 | force 1 | failures 4`, from the highest
/// bit used.
library JobWords {
    /// @dev A job. `last` is when it was last run, `external_` whether its funder is asked for each fee.
    struct Record {
        address target;
        uint256 last;
        uint256 interval;
        uint256 marginBps;
        uint256 failures;
        bool force;
        bool external_;
    }

    uint256 private constant FAILURES_MASK = 15;
    uint256 private constant FORCE_BIT = 1 << 4;
    uint256 private constant EXTERNAL_BIT = 1 << 5;
    uint256 private constant MARGIN_SHIFT = 8;
    uint256 private constant INTERVAL_SHIFT = 24;
    uint256 private constant LAST_SHIFT = 56;
    uint256 private constant TARGET_SHIFT = 96;

    function unpack(uint256 word) internal pure returns (Record memory record) {
        record.target = address(uint160(word >> TARGET_SHIFT));
        record.last = uint40(word >> LAST_SHIFT);
        record.interval = uint32(word >> INTERVAL_SHIFT);
        record.marginBps = uint16(word >> MARGIN_SHIFT);
        record.failures = word & FAILURES_MASK;
        record.force = word & FORCE_BIT != 0;
        record.external_ = word & EXTERNAL_BIT != 0;
    }

    /// @dev The members must be in range.
    function pack(Record memory record) internal pure returns (uint256 word) {
        word = (uint256(uint160(record.target)) << TARGET_SHIFT) | (record.last << LAST_SHIFT)
            | (record.interval << INTERVAL_SHIFT) | (record.marginBps << MARGIN_SHIFT) | record.failures;
        if (record.force) word |= FORCE_BIT;
        if (record.external_) word |= EXTERNAL_BIT;
    }
}
