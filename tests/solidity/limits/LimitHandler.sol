// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Test} from "../support/Test.sol";
import {RateLimitsHarness} from "./RateLimitsHarness.sol";

/// @title Handler that consumes and reconfigures limits at random times and keeps its own sums
/// @notice All sums are exact: they are scaled by a multiple of every period used. For each key:
///
/// - `passed`: amounts consumed, less amounts refunded in the same call;
/// - `granted`: the rate, summed over time;
/// - `tightest`: the minimum of cap + passed - granted over all times so far.
///
/// For an interval from time i until now, the amount passed is passed - passed_i, and the limit admits cap_i + granted
/// - granted_i. So all intervals that end now are within the limit if and only if passed - granted is at most
/// `tightest`.
contract LimitHandler is Test {
    struct Sums {
        uint256 passed;
        uint256 granted;
        int256 tightest;
        uint256 since;
        uint256 cap;
        uint256 period;
    }

    /// @dev Least common multiple of the periods.
    int256 private constant SCALE = 604_800 * 7_919;
    uint8 private constant EXP = 12;
    uint256 private constant UNIT = 1e12;

    RateLimitsHarness private immutable limits;
    bytes32[3] private keys;
    mapping(bytes32 key => Sums sums) private _sums;

    uint256 public overflows;
    uint256 public refills;
    uint256 public lost;
    uint256 public wrongRefusals;
    uint256 public aboveCap;
    uint256 public byOutsiders;
    uint256 public consumptions;
    uint256 public reconfigurations;
    uint256 private time;

    constructor(RateLimitsHarness limits_) {
        limits = limits_;
        keys = [LimitKeys.automatic(address(1)), LimitKeys.forAsset(address(2)), LimitKeys.LOSS_ADD];
        time = block.timestamp;
        for (uint256 i = 0; i < keys.length; ++i) {
            _sums[keys[i]].since = time;
        }
    }

    function pass(uint32 elapsed, uint8 kind) external {
        uint256[4] memory longest = [uint256(1), 1 minutes, 1 days, 30 days];
        time += elapsed % (longest[kind % 4] + 1);
    }

    function consume(uint8 which, uint128 draw, uint8 kind) external {
        bytes32 key = _moment(which);
        uint256 left = limits.available(key);
        uint256 amount = _amount(left, draw, kind);
        try limits.consume(key, amount) {
            ++consumptions;
            _pass(key, amount);
        } catch {
            if (_units(amount) * UNIT <= left && _sums[key].cap != 0) ++wrongRefusals;
        }
        _judge(key);
    }

    function consumeAndRefund(uint8 which, uint128 draw, uint8 kind, uint128 use) external {
        bytes32 key = _moment(which);
        uint256 left = limits.available(key);
        uint256 amount = _amount(left, draw, kind);
        uint256 used = amount == 0 ? 0 : use % (amount + amount / 8 + 1);
        try limits.consumeAndRefund(key, amount, used) {
            ++consumptions;
            _pass(key, used);
            if (limits.available(key) > left) ++refills;
        } catch {
            if (_units(amount) * UNIT <= left && _sums[key].cap != 0 && used <= amount) ++wrongRefusals;
        }
        _judge(key);
    }

    function raise(uint8 which, uint64 units, uint8 period) external {
        bytes32 key = _moment(which);
        uint256 left = limits.available(key);
        uint256 cap = (bound(units, 1, 1e9)) * UNIT;
        limits.raiseLimit(key, cap, _period(period), EXP);
        _configured(key, left, cap, _period(period));
    }

    function lower(uint8 which, uint64 units, uint8 period, uint8 kind) external {
        bytes32 key = _moment(which);
        uint256 left = limits.available(key);
        Sums storage sums = _sums[key];
        uint256 cap = kind % 16 == 0 ? 0 : sums.cap - units % (sums.cap / UNIT + 1) * UNIT;
        uint32 next = kind % 2 == 0 ? uint32(sums.period) : _period(period);
        limits.lowerLimit(key, cap, next);
        if (cap * sums.period > sums.cap * next) ++refills;
        _configured(key, left, cap, next);
    }

    function close(uint8 which, uint8 kind) external {
        if (kind % 8 != 0) return;
        bytes32 key = _moment(which);
        uint256 left = limits.available(key);
        limits.closeLimit(key);
        _configured(key, left, 0, _sums[key].period);
    }

    function asOutsider(address outsider, uint8 which, uint64 units, uint8 period) external {
        if (outsider == address(this)) return;
        bytes32 key = _moment(which);
        vm.startPrank(outsider);
        try limits.raiseLimit(key, units * UNIT, _period(period), EXP) {
            ++byOutsiders;
        } catch {}
        try limits.lowerLimit(key, 0, _period(period)) {
            ++byOutsiders;
        } catch {}
        vm.stopPrank();
    }

    /// @dev Before each operation: adds the rate since the last one, and begins an interval.
    function _moment(uint8 which) internal returns (bytes32 key) {
        vm.warp(time);
        key = keys[which % keys.length];
        Sums storage sums = _sums[key];
        if (sums.period != 0) {
            sums.granted += sums.cap * uint256(SCALE) / sums.period * (time - sums.since);
        }
        sums.since = time;
        _begin(sums);
    }

    function _begin(Sums storage sums) internal {
        int256 here = SCALE * int256(sums.cap + sums.passed) - int256(sums.granted);
        if (here < sums.tightest) sums.tightest = here;
    }

    function _pass(bytes32 key, uint256 amount) internal {
        _sums[key].passed += _units(amount) * UNIT;
    }

    function _configured(bytes32 key, uint256 before, uint256 cap, uint256 period) internal {
        ++reconfigurations;
        Sums storage sums = _sums[key];
        (sums.cap, sums.period) = (cap, period);
        uint256 expected = before < cap ? before : cap;
        uint256 left = limits.available(key);
        if (left > expected) ++refills;
        if (left + UNIT < expected) ++lost;
        _judge(key);
    }

    /// @dev After each operation: checks all intervals that end now, and begins an interval.
    function _judge(bytes32 key) internal {
        Sums storage sums = _sums[key];
        if (SCALE * int256(sums.passed) - int256(sums.granted) > sums.tightest) ++overflows;
        if (limits.available(key) > sums.cap) ++aboveCap;
        _begin(sums);
    }

    function _amount(uint256 left, uint128 draw, uint8 kind) internal pure returns (uint256) {
        if (kind % 4 == 0) return left;
        if (kind % 4 == 1) return left + draw % (2 * UNIT);
        if (kind % 4 == 2) return draw % (left + 1);
        return draw % (8 * UNIT);
    }

    function _units(uint256 amount) internal pure returns (uint256) {
        return (amount + UNIT - 1) / UNIT;
    }

    function _period(uint8 draw) internal pure returns (uint32) {
        uint32[6] memory periods = [uint32(1), 1 hours, 6 hours, 1 days, 7 days, 7_919];
        return periods[draw % periods.length];
    }
}
