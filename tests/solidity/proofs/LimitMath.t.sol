// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitMath} from "@ballast/libraries/LimitMath.sol";

/// @title Proofs about limits, for all inputs of full width
/// @notice For Halmos; `docs/reference/contracts.md` has the command. A bucket is good if its level is at most `cap *
/// period`. A new bucket is good, since it is empty, and the proofs show that each operation keeps it good. The bound
/// over any interval follows by induction over its operations: filling adds at most `cap` a second and never exceeds
/// `cap * period`, taking removes exactly `amount * period`, and nothing else adds. `check_interval__two` proves two
/// consumptions directly.
///
/// Solvers need long to prove that a product of 72 and 32, or 72 and 40, bits is short. `check_product__isShort` proves
/// that alone, and the others assume it for their products.
contract LimitMathProofs {
    using LimitMath for IRateLimits.Bucket;

    uint256 private constant FULL = 1 << 104;
    uint256 private constant GAIN = 1 << 112;

    function check_product__isShort(uint72 cap, uint32 period, uint40 time) public pure {
        assert(uint256(cap) * period < FULL);
        assert(uint256(cap) * time < GAIN);
    }

    /// @notice A bucket is read as it was stored.
    function check_pack__unpack(uint72 cap, uint104 level, uint40 last, uint32 period, uint8 exp) public pure {
        IRateLimits.Bucket memory bucket = LimitMath.unpack(IRateLimits.Bucket(cap, level, last, period, exp).pack());
        assert(bucket.cap == cap && bucket.level == level && bucket.last == last);
        assert(bucket.period == period && bucket.exp == exp);
    }

    /// @notice Filling adds exactly `cap` a second, up to `cap * period`.
    function check_fill__isExactAndGood(uint72 cap, uint104 level, uint40 last, uint32 period, uint40 time)
        public
        pure
    {
        IRateLimits.Bucket memory bucket = _good(cap, level, last, period);
        _assume(time >= last);
        uint256 gain = _gain(cap, last, time);
        bucket.fill(time);
        uint256 full = _full(cap, period);
        assert(bucket.level == (level + gain < full ? level + gain : full));
        assert(bucket.last == time && bucket.cap == cap && bucket.period == period);
    }

    /// @notice Taking removes exactly `period` per unit without overflow; if there is not enough, nothing changes.
    function check_take__isExactAndGood(uint72 cap, uint104 level, uint40 last, uint32 period, uint256 amount)
        public
        pure
    {
        IRateLimits.Bucket memory bucket = _good(cap, level, last, period);
        bool taken = bucket.take(amount);
        assert(_isGood(bucket));
        if (taken) assert(amount <= cap && bucket.level + amount * period == level);
        else assert(bucket.level == level);
    }

    /// @notice Putting back adds exactly `period` per unit, up to `cap * period`.
    function check_put__isExactAndGood(uint72 cap, uint104 level, uint40 last, uint32 period, uint72 amount)
        public
        pure
    {
        IRateLimits.Bucket memory bucket = _good(cap, level, last, period);
        uint256 gain = _full(amount, period);
        bucket.put(amount);
        uint256 full = _full(cap, period);
        assert(bucket.level == (level + gain < full ? level + gain : full));
    }

    /// @notice A changed limit admits at most as much as before, and at most the new cap. Levels are compared in units
    /// of the new period; the quotient is rounded down.
    function check_reshape__neverRefills(
        uint72 cap,
        uint104 level,
        uint40 last,
        uint32 period,
        uint72 newCap,
        uint32 newPeriod
    ) public pure {
        IRateLimits.Bucket memory bucket = _good(cap, level, last, period);
        uint256 full = _full(newCap, newPeriod);
        bucket.reshape(newCap, newPeriod);
        uint256 kept = uint256(level) * newPeriod / period;
        assert(bucket.level == (kept < full ? kept : full));
        assert(bucket.cap == newCap && bucket.period == newPeriod && bucket.last == last);
    }

    /// @notice A limit that was never set starts empty.
    function check_reshape__newIsEmpty(uint72 cap, uint32 period, uint40 last) public pure {
        IRateLimits.Bucket memory bucket;
        bucket.last = last;
        bucket.reshape(cap, period);
        assert(bucket.level == 0);
        assert(bucket.cap == cap && bucket.period == period);
    }

    /// @notice Two consumptions at any distance use at most cap + slope * t, here times the period.
    function check_interval__two(
        uint72 cap,
        uint104 level,
        uint40 last,
        uint32 period,
        uint40 start,
        uint40 end,
        uint72 first,
        uint72 second
    ) public pure {
        IRateLimits.Bucket memory bucket = _good(cap, level, last, period);
        uint256 passed = _pass(bucket, start, first) + _pass(bucket, end, second);
        assert(passed <= _full(cap, period) + _gain(cap, start, end));
    }

    function _pass(IRateLimits.Bucket memory bucket, uint40 time, uint72 amount) internal pure returns (uint256) {
        _assume(time >= bucket.last);
        _gain(bucket.cap, bucket.last, time);
        uint256 cost = _full(amount, bucket.period);
        bucket.fill(time);
        _assume(bucket.take(amount));
        return cost;
    }

    /// @dev Returns a good bucket of a set limit, in any state.
    function _good(uint72 cap, uint104 level, uint40 last, uint32 period)
        internal
        pure
        returns (IRateLimits.Bucket memory)
    {
        _assume(period != 0);
        _assume(level <= _full(cap, period));
        return IRateLimits.Bucket({cap: cap, level: level, last: last, period: period, exp: 0});
    }

    function _isGood(IRateLimits.Bucket memory bucket) internal pure returns (bool) {
        return bucket.level <= _full(bucket.cap, bucket.period);
    }

    /// @dev Products are unchecked as in the library, so that solvers identify them at once.
    function _full(uint72 cap, uint32 period) internal pure returns (uint256 product) {
        unchecked {
            product = uint256(cap) * period;
        }
        _assume(product < FULL);
    }

    function _gain(uint72 cap, uint256 from, uint256 to) internal pure returns (uint256 product) {
        unchecked {
            product = uint256(cap) * (to - from);
        }
        _assume(product < GAIN);
    }

    /// @dev Ends the path without a result: for Halmos only a failed assertion is a counterexample.
    function _assume(bool condition) internal pure {
        if (condition) return;
        assembly {
            revert(0, 0)
        }
    }
}
