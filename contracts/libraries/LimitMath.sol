// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "../interfaces/IRateLimits.sol";

/// @title Arithmetic of one limit
/// @notice Levels are in units times seconds, so that filling is exact: `cap` a second, up to `cap * period`. For every
/// good bucket, with a level of at most `cap * period`, no sum or product here exceeds 136 bits and no difference is
/// negative, so nothing is checked at run time; `tests/solidity/proofs/` proves it.
library LimitMath {
    uint256 private constant LEVEL_SHIFT = 72;
    uint256 private constant LAST_SHIFT = 176;
    uint256 private constant PERIOD_SHIFT = 216;
    uint256 private constant EXP_SHIFT = 248;

    /// @notice The bucket in one word. Packed explicitly, since a structure is stored field by field.
    function pack(IRateLimits.Bucket memory bucket) internal pure returns (uint256) {
        return uint256(bucket.cap) | uint256(bucket.level) << LEVEL_SHIFT | uint256(bucket.last) << LAST_SHIFT
            | uint256(bucket.period) << PERIOD_SHIFT | uint256(bucket.exp) << EXP_SHIFT;
    }

    /// @notice The bucket that was packed.
    function unpack(uint256 word) internal pure returns (IRateLimits.Bucket memory bucket) {
        bucket.cap = uint72(word);
        bucket.level = uint104(word >> LEVEL_SHIFT);
        bucket.last = uint40(word >> LAST_SHIFT);
        bucket.period = uint32(word >> PERIOD_SHIFT);
        bucket.exp = uint8(word >> EXP_SHIFT);
    }

    /// @notice Updates the level to the present.
    function fill(IRateLimits.Bucket memory bucket, uint256 time) internal pure {
        unchecked {
            _store(bucket, bucket.level + uint256(bucket.cap) * (time - bucket.last));
        }
        bucket.last = uint40(time);
    }

    /// @notice Base units per unit.
    function unit(IRateLimits.Bucket memory bucket) internal pure returns (uint256) {
        unchecked {
            return 10 ** bucket.exp;
        }
    }

    /// @notice Whole units in a filled bucket of a set limit.
    function units(IRateLimits.Bucket memory bucket) internal pure returns (uint256) {
        return uint256(bucket.level) / bucket.period;
    }

    /// @notice Takes units from a filled bucket, if it has enough. It multiplies instead of dividing, to avoid
    /// rounding.
    function take(IRateLimits.Bucket memory bucket, uint256 amount) internal pure returns (bool enough) {
        unchecked {
            uint256 cost = amount * bucket.period;
            enough = amount <= bucket.cap && cost <= bucket.level;
            if (enough) bucket.level -= uint104(cost);
        }
    }

    /// @notice Puts units back, up to the cap.
    function put(IRateLimits.Bucket memory bucket, uint72 amount) internal pure {
        unchecked {
            _store(bucket, bucket.level + uint256(amount) * bucket.period);
        }
    }

    /// @notice Changes cap and period of a filled bucket. The admitted amount stays, up to the new cap.
    function reshape(IRateLimits.Bucket memory bucket, uint72 cap, uint32 period) internal pure {
        uint256 level = bucket.period == 0 ? 0 : uint256(bucket.level) * period / bucket.period;
        (bucket.cap, bucket.period) = (cap, period);
        _store(bucket, level);
    }

    /// @dev The product of 72 and 32 bits fits the level's 104.
    function _store(IRateLimits.Bucket memory bucket, uint256 level) private pure {
        unchecked {
            uint256 full = uint256(bucket.cap) * bucket.period;
            bucket.level = uint104(level < full ? level : full);
        }
    }
}
