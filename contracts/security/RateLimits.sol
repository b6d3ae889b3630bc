// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IRateLimits} from "../interfaces/IRateLimits.sol";
import {LimitKeys} from "../libraries/LimitKeys.sol";
import {LimitMath} from "../libraries/LimitMath.sol";

/// @title Limits on flows, refilled continuously
/// @dev To be inherited by the contract whose calls are limited: an internal call costs half of an external one. A
/// successor of that contract starts with empty buckets, so replacing it refills nothing.
abstract contract RateLimits is IRateLimits, AccessManaged {
    using LimitMath for Bucket;

    /// @dev Most decimals that a count may leave out: whole tokens of a token with eighteen.
    uint8 private constant MAX_EXP = 18;

    mapping(bytes32 key => uint256 word) private _buckets;

    /// @inheritdoc IRateLimits
    function raiseLimit(bytes32 key, uint256 cap, uint32 period, uint8 exp) external restricted {
        require(LimitKeys.isSound(key), RateLimits_InvalidKey(key));
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        bucket.fill(block.timestamp);
        bool sound = period != 0 && exp <= MAX_EXP && (bucket.period == 0 || exp == bucket.exp);
        require(sound, RateLimits_InvalidLimit(key, cap, period, exp));
        uint256 units = cap / 10 ** exp;
        sound = units != 0 && units <= type(uint72).max && cap % 10 ** exp == 0;
        require(sound, RateLimits_InvalidLimit(key, cap, period, exp));
        bucket.exp = exp;
        _reshape(key, bucket, uint72(units), period);
    }

    /// @inheritdoc IRateLimits
    function lowerLimit(bytes32 key, uint256 cap, uint32 period) external restricted {
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        bucket.fill(block.timestamp);
        require(bucket.period != 0, RateLimits_NotSet(key));
        // The cap is rounded down on purpose. The products compare the rates, cap / period, without dividing.
        // slither-disable-next-line divide-before-multiply
        uint256 units = cap / bucket.unit();
        bool lowered = period != 0 && units <= bucket.cap && units * bucket.period <= uint256(bucket.cap) * period;
        require(lowered, RateLimits_NotLowered(key, cap, period));
        _reshape(key, bucket, uint72(units), period);
    }

    /// @inheritdoc IRateLimits
    function available(bytes32 key) public view returns (uint256) {
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        bucket.fill(block.timestamp);
        return bucket.period == 0 ? 0 : bucket.units() * bucket.unit();
    }

    /// @inheritdoc IRateLimits
    function bucketOf(bytes32 key) external view returns (Bucket memory) {
        return LimitMath.unpack(_buckets[key]);
    }

    /// @dev Takes `amount` base units, rounded up, or reverts with `RateLimits_NotSet` or `RateLimits_Exceeded`.
    function _consume(bytes32 key, uint256 amount) internal {
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        bucket.fill(block.timestamp);
        require(bucket.cap != 0, RateLimits_NotSet(key));
        uint256 unit = bucket.unit();
        uint256 needed = Math.ceilDiv(amount, unit);
        // `require` would compute the remaining amount even if there is no error.
        if (!bucket.take(needed)) revert RateLimits_Exceeded(key, amount, bucket.units() * unit);
        _buckets[key] = bucket.pack();
        emit LimitConsumed(key, needed * unit);
    }

    /// @dev Returns the part of `consumed` that `used` leaves. Call it in the call that consumed: afterwards only
    /// `used` counts as consumed. Reverts with `RateLimits_UsedMoreThanConsumed`. A limit lowered to 0 in between stays
    /// empty.
    function _refund(bytes32 key, uint256 consumed, uint256 used) internal {
        require(used <= consumed, RateLimits_UsedMoreThanConsumed(key, used, consumed));
        // Filling first would have the same result: both stop at the cap.
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        if (bucket.cap == 0) return;
        uint256 unit = bucket.unit();
        uint256 rest = Math.min(Math.ceilDiv(consumed, unit) - Math.ceilDiv(used, unit), bucket.cap);
        bucket.put(uint72(rest));
        _buckets[key] = bucket.pack();
        emit LimitRefunded(key, rest * unit);
    }

    /// @dev Lowers a limit to 0, whatever its state, and never reverts.
    function _closeLimit(bytes32 key) internal {
        Bucket memory bucket = LimitMath.unpack(_buckets[key]);
        if (bucket.cap != 0) _reshape(key, bucket, 0, bucket.period);
    }

    function _reshape(bytes32 key, Bucket memory bucket, uint72 cap, uint32 period) private {
        bucket.reshape(cap, period);
        _buckets[key] = bucket.pack();
        emit LimitSet(key, cap * bucket.unit(), period, bucket.exp);
    }
}
