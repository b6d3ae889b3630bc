// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Recurring jobs in one word
/// @notice `target 160 | retries 2 | last 38 | interval 32 | marginBps 16 | revived 1 | stored 1 | external 1 | force 1
/// | failures 4`, from the highest bit. If `stored` is not set, the last run was one interval before the time that the
/// scheduler has for the next one, so that a regular run need not write the word.
library JobWords {
    uint256 private constant FAILURES_MASK = 15;
    uint256 private constant FORCE = 1 << 4;
    uint256 private constant EXTERNAL = 1 << 5;
    uint256 private constant STORED = 1 << 6;
    uint256 private constant REVIVED = 1 << 7;
    uint256 private constant MARGIN_SHIFT = 8;
    uint256 private constant INTERVAL_SHIFT = 24;
    uint256 private constant LAST_SHIFT = 56;
    uint256 private constant LAST_MASK = (1 << 38) - 1;
    uint256 private constant RETRIES_SHIFT = 94;
    /// @dev Number of early runs after skips for a temporary reason.
    uint256 internal constant MAX_RETRIES = 3;
    /// @dev Seconds to the first early run; each further one comes after four times as many.
    uint256 internal constant RETRY_PAUSE = 5 minutes;
    uint256 private constant TARGET_SHIFT = 96;
    uint256 private constant RUN_MASK =
        (MAX_RETRIES << RETRIES_SHIFT) | (LAST_MASK << LAST_SHIFT) | REVIVED | STORED | FAILURES_MASK;

    /// @dev A job that has not run. The given values must be in range.
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

    /// @dev State after a run, or an equivalent event, that must be stored.
    function ran(uint256 word, uint256 last_, uint256 failures_) internal pure returns (uint256) {
        return (word & ~RUN_MASK) | ((last_ & LAST_MASK) << LAST_SHIFT) | STORED | failures_;
    }

    /// @dev State after a run for an account other than the scheduler, which has shown that the target works again.
    function revived(uint256 word, uint256 last_, uint256 failures_) internal pure returns (uint256) {
        return ran(word, last_, failures_) | REVIVED;
    }

    /// @dev State after a run that was skipped for a temporary reason: the next one is early, unless the maximum of
    /// early ones has been skipped. Failures are unchanged, since nothing was shown of the target.
    function postponed(uint256 word, uint256 last_) internal pure returns (uint256) {
        uint256 count = retries(word);
        count = count == MAX_RETRIES ? 0 : count + 1;
        return stored(word, last_) & ~(MAX_RETRIES << RETRIES_SHIFT) | (count << RETRIES_SHIFT);
    }

    /// @dev The same job, with the time of the last run.
    function stored(uint256 word, uint256 last_) internal pure returns (uint256) {
        return (word & ~(LAST_MASK << LAST_SHIFT)) | ((last_ & LAST_MASK) << LAST_SHIFT) | STORED;
    }

    /// @dev State after a regular run.
    function plain(uint256 word) internal pure returns (uint256) {
        return word & ~RUN_MASK;
    }

    function target(uint256 word) internal pure returns (address) {
        return address(uint160(word >> TARGET_SHIFT));
    }

    /// @dev Time of the last run. The word has the lower bits of that time, which is not after the present.
    function last(uint256 word, uint256 present) internal pure returns (uint256) {
        unchecked {
            return present - ((present - (word >> LAST_SHIFT)) & LAST_MASK);
        }
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

    /// @dev Number of early runs booked in a row, including the next one.
    function retries(uint256 word) internal pure returns (uint256) {
        return (word >> RETRIES_SHIFT) & MAX_RETRIES;
    }

    /// @dev Seconds to the next run: the interval doubles with each failure in a row, unless the job was revived since;
    /// an early run is at most one interval away.
    function pause(uint256 word) internal pure returns (uint256) {
        uint256 every = interval(word);
        uint256 count = retries(word);
        if (count != 0) {
            uint256 early = RETRY_PAUSE << (2 * (count - 1));
            return early < every ? early : every;
        }
        return word & REVIVED == 0 ? every << (word & FAILURES_MASK) : every;
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
