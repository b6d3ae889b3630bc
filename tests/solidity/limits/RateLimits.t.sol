// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {RateLimits} from "@ballast/security/RateLimits.sol";

import {LimitsTest} from "./Cheats.sol";
import {RateLimitsHarness} from "./RateLimitsHarness.sol";

contract RateLimitsTest is LimitsTest {
    uint256 private constant START = 1_750_000_000;
    uint256 private constant USD = 1e6;
    uint256 private constant CAP = 1_000_000 * USD;
    uint64 private constant CONFIGURATOR = 1;
    uint64 private constant GUARDIAN = 2;
    address private constant KEEPER = address(0x6EE9E4);
    address private constant OUTSIDER = address(0xBAD);

    bytes32 private immutable key = LimitKeys.automatic(KEEPER);
    bytes32 private immutable other = LimitKeys.derisk(KEEPER);
    AccessManager private manager;
    RateLimitsHarness private limits;

    function setUp() public {
        vm.warp(START);
        manager = new AccessManager(address(this));
        limits = new RateLimitsHarness(address(manager));
        _permit(RateLimits.raiseLimit.selector, CONFIGURATOR);
        _permit(RateLimits.lowerLimit.selector, GUARDIAN);
        manager.grantRole(CONFIGURATOR, address(this), 0);
        manager.grantRole(GUARDIAN, address(this), 0);
        limits.raiseLimit(key, CAP, 1 days, 0);
        limits.raiseLimit(other, CAP, 1 days, 0);
    }

    function test_keys__kindsAndSubjects__areApart() public pure {
        bytes32[8] memory keys = [
            LimitKeys.automatic(KEEPER),
            LimitKeys.derisk(KEEPER),
            LimitKeys.forAsset(KEEPER),
            LimitKeys.LOSS_ADD,
            LimitKeys.LOSS_REDUCE,
            LimitKeys.SINGLE_APPROVED,
            LimitKeys.LOSS_OVERDUE,
            LimitKeys.lossReduce(KEEPER)
        ];
        for (uint256 i = 0; i < keys.length; ++i) {
            assertTrue(LimitKeys.isSound(keys[i]), "sound");
            assertEq(uint256(keys[i]) >> 248, i == 7 ? 5 : i + 1, "kind");
            if (i < 3 || i == 7) assertEq(address(uint160(uint256(keys[i]))), KEEPER, "subject");
        }
    }

    function testFuzz_keys__anythingElse__isUnsound(bytes32 any, uint8 bit) public pure {
        uint256 kind = uint256(any) >> 248;
        uint160 subject = uint160(uint256(any));
        bool packed = uint256(any) == kind << 248 | subject;
        bool sound = packed && (subject == 0 ? kind >= 4 && kind <= 7 : kind >= 1 && kind <= 3 || kind == 5);
        assertTrue(LimitKeys.isSound(any) == sound, "as described");
        // Every one-bit change between kind and subject makes a key invalid.
        bytes32 spoiled = LimitKeys.automatic(KEEPER) ^ bytes32(1 << (160 + bit % 88));
        assertFalse(LimitKeys.isSound(spoiled), "spoiled");
    }

    function test_raiseLimit__unsoundKey__reverts() public {
        bytes32[6] memory keys = [
            bytes32(0),
            LimitKeys.automatic(address(0)),
            LimitKeys.derisk(address(0)),
            LimitKeys.forAsset(address(0)),
            LimitKeys.LOSS_ADD | bytes32(uint256(1)),
            bytes32(uint256(8) << 248)
        ];
        for (uint256 i = 0; i < keys.length; ++i) {
            vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_InvalidKey.selector, keys[i]));
            limits.raiseLimit(keys[i], CAP, 1 days, 0);
        }
    }

    function test_raiseLimit__unsoundLimit__reverts() public {
        bytes32 fresh = LimitKeys.LOSS_ADD;
        _refuses(fresh, 0, 1 days, 0);
        _refuses(fresh, CAP, 0, 0);
        _refuses(fresh, 10 ** 19, 1 days, 19);
        _refuses(fresh, 1e12 - 1, 1 days, 12);
        _refuses(fresh, 1e12 + 1, 1 days, 12);
        _refuses(fresh, 1e12 + 10, 1 days, 12);
        _refuses(fresh, uint256(1) << 72, 1 days, 0);
        _refuses(fresh, type(uint256).max, 1 days, 18);
        _refuses(key, CAP, 1 days, 1);
        limits.raiseLimit(LimitKeys.LOSS_REDUCE, 1e18, 1 days, 12);
        _refuses(LimitKeys.LOSS_REDUCE, 1e18, 1 days, 11);
        _refuses(LimitKeys.LOSS_REDUCE, 1e18, 1 days, 13);
        limits.raiseLimit(fresh, (uint256(1) << 72) - 1, type(uint32).max, 0);
        vm.warp(type(uint40).max);
        assertEq(limits.available(fresh), (uint256(1) << 72) - 1, "largest");
    }

    function test_raiseLimit__newKey__startsEmptyAndEmits() public {
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitSet(LimitKeys.LOSS_ADD, 5_000e18, 7 days, 12);
        limits.raiseLimit(LimitKeys.LOSS_ADD, 5_000e18, 7 days, 12);
        assertEq(limits.available(LimitKeys.LOSS_ADD), 0, "available");
        IRateLimits.Bucket memory bucket = limits.bucketOf(LimitKeys.LOSS_ADD);
        assertEq(bucket.cap, 5_000e6, "units");
        assertEq(bucket.last, START, "since");
        assertEq(bucket.period, 7 days, "period");
        assertEq(bucket.exp, 12, "exp");
    }

    function test_raiseLimit__newKeyOfOneSecond__startsEmpty() public {
        limits.raiseLimit(LimitKeys.LOSS_ADD, CAP, 1, 0);
        assertEq(limits.available(LimitKeys.LOSS_ADD), 0, "available");
    }

    function test_raiseLimit__existing__keepsWhatIsAvailable() public {
        vm.warp(START + 6 hours);
        assertEq(limits.available(key), CAP / 4, "before");
        limits.raiseLimit(key, 4 * CAP, 1 days, 0);
        assertEq(limits.available(key), CAP / 4, "right after");
        vm.warp(START + 7 hours);
        assertEq(limits.available(key), CAP / 4 + 4 * CAP / 24, "an hour later");
        limits.raiseLimit(key, CAP / 10, 1 days, 0);
        assertEq(limits.available(key), CAP / 10, "as far as the new cap");
    }

    function test_raiseLimit__periodOnly__keepsWhatIsAvailable() public {
        vm.warp(START + 12 hours);
        limits.raiseLimit(key, CAP, 1 hours, 0);
        assertEq(limits.available(key), CAP / 2, "right after");
        vm.warp(START + 12 hours + 15 minutes);
        assertEq(limits.available(key), CAP * 3 / 4, "faster");
    }

    function test_lowerLimit__tighter__isInstant() public {
        vm.warp(START + 1 days);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitSet(key, CAP / 2, 1 days, 0);
        limits.lowerLimit(key, CAP / 2, 1 days);
        assertEq(limits.available(key), CAP / 2, "cap");
        limits.consume(key, CAP / 2);
        limits.lowerLimit(key, CAP / 2, 2 days);
        vm.warp(START + 2 days);
        assertEq(limits.available(key), CAP / 4, "rate");
        // A shorter period with the same rate, and a cap that is rounded down.
        limits.lowerLimit(key, CAP / 8, 12 hours);
        assertEq(limits.available(key), CAP / 8, "both");
    }

    function test_lowerLimit__zero__refusesEverything() public {
        vm.warp(START + 1 days);
        limits.lowerLimit(key, 0, 1 days);
        for (uint256 amount = 0; amount < 2; ++amount) {
            vm.expectRevert(_notSet(key));
            limits.consume(key, amount);
        }
        limits.raiseLimit(key, CAP, 1 days, 0);
        assertEq(limits.available(key), 0, "starts empty again");
    }

    function test_lowerLimit__looser__reverts() public {
        _refusesLower(CAP + 1, 1 days);
        _refusesLower(CAP + 1, 10 days);
        _refusesLower(CAP, 1 days - 1);
        _refusesLower(CAP / 2, 12 hours - 1);
        _refusesLower(CAP, 0);
        _refusesLower(0, 0);
        _refusesLower(type(uint256).max, type(uint32).max);
    }

    function test_lowerLimit__neverSet__reverts() public {
        vm.expectRevert(_notSet(LimitKeys.LOSS_ADD));
        limits.lowerLimit(LimitKeys.LOSS_ADD, 0, 1 days);
    }

    function test_lowerLimit__capBetweenUnits__isRoundedDown() public {
        limits.raiseLimit(LimitKeys.LOSS_ADD, 10e18, 1 days, 12);
        limits.lowerLimit(LimitKeys.LOSS_ADD, 1e18 + 1e12 - 1, 1 days);
        assertEq(limits.bucketOf(LimitKeys.LOSS_ADD).cap, 1e6, "units");
    }

    function test_configuration__withoutRole__reverts() public {
        address[2] memory callers = [OUTSIDER, KEEPER];
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes4 refusal = IAccessManaged.AccessManagedUnauthorized.selector;
            vm.startPrank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(refusal, callers[i]));
            limits.raiseLimit(key, CAP, 1 days, 0);
            vm.expectRevert(abi.encodeWithSelector(refusal, callers[i]));
            limits.lowerLimit(key, 0, 1 days);
            vm.stopPrank();
        }
    }

    function test_consume__unset__reverts() public {
        assertEq(limits.available(LimitKeys.LOSS_REDUCE), 0, "available");
        for (uint256 amount = 0; amount < 2; ++amount) {
            vm.expectRevert(_notSet(LimitKeys.LOSS_REDUCE));
            limits.consume(LimitKeys.LOSS_REDUCE, amount);
        }
    }

    function test_consume__moreThanAvailable__reverts() public {
        vm.warp(START + 12 hours);
        // The last amount times the seconds of a day is a multiple of 2 ** 256.
        uint256[3] memory amounts = [CAP / 2 + 1, type(uint256).max, uint256(1) << 249];
        for (uint256 i = 0; i < amounts.length; ++i) {
            vm.expectRevert(_exceeded(key, amounts[i], CAP / 2));
            limits.consume(key, amounts[i]);
        }
    }

    function test_consume__allThatIsThere__emitsAndLeavesNothing() public {
        vm.warp(START + 12 hours);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitConsumed(key, CAP / 2);
        limits.consume(key, CAP / 2);
        assertEq(limits.available(key), 0, "left");
        assertEq(limits.available(other), CAP / 2, "other key");
        vm.expectRevert(_exceeded(key, 1, 0));
        limits.consume(key, 1);
    }

    function test_consume__noWindow__doubleTheCapNeverPasses() public {
        // Full at the end of a day, emptied just before and just after it.
        vm.warp(START + 2 days - 1);
        limits.consume(key, CAP);
        vm.warp(START + 2 days + 1);
        uint256 twoSeconds = CAP * 2 / 1 days;
        vm.expectRevert(_exceeded(key, CAP, twoSeconds));
        limits.consume(key, CAP);
        assertLe(twoSeconds, CAP / 40_000, "two seconds' worth");
    }

    function test_consume__eighteenDecimals__roundsAgainstTheCaller() public {
        bytes32 asset = LimitKeys.forAsset(OUTSIDER);
        limits.raiseLimit(asset, 10e18, 1 days, 12);
        vm.warp(START + 1 days);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitConsumed(asset, 1e12);
        limits.consume(asset, 1);
        limits.consume(asset, 1e12 + 1);
        assertEq(limits.available(asset), 10e18 - 3e12, "three units");
        limits.consume(asset, 0);
        assertEq(limits.available(asset), 10e18 - 3e12, "nothing costs nothing");
    }

    function test_consume__moreThanIsLeft__tellsBaseUnits() public {
        bytes32 asset = LimitKeys.forAsset(OUTSIDER);
        limits.raiseLimit(asset, 10e18, 1 days, 12);
        vm.warp(START + 1 days);
        limits.consume(asset, 4e18);
        vm.expectRevert(_exceeded(asset, 6e18 + 1, 6e18));
        limits.consume(asset, 6e18 + 1);
    }

    function test_refund__eighteenDecimals__tellsBaseUnits() public {
        bytes32 asset = LimitKeys.forAsset(OUTSIDER);
        limits.raiseLimit(asset, 10e18, 1 days, 12);
        vm.warp(START + 1 days);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitRefunded(asset, 3e18);
        limits.consumeAndRefund(asset, 4e18, 1e18);
        assertEq(limits.available(asset), 9e18, "left");
    }

    function test_consume__eightDecimals__countsEveryUnit() public {
        bytes32 asset = LimitKeys.forAsset(OUTSIDER);
        limits.raiseLimit(asset, 21_000_000e8, 1 days, 0);
        vm.warp(START + 1 days);
        limits.consume(asset, 1);
        assertEq(limits.available(asset), 21_000_000e8 - 1, "satoshi");
    }

    function test_refund__part__isAsIfOnlyTheRestWasConsumed() public {
        vm.warp(START + 1 days);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitConsumed(key, 100 * USD);
        vm.expectEmit(address(limits));
        emit IRateLimits.LimitRefunded(key, 60 * USD);
        limits.consumeAndRefund(key, 100 * USD, 40 * USD);
        assertEq(limits.available(key), CAP - 40 * USD, "available");
    }

    function test_refund__usedMore__reverts() public {
        vm.warp(START + 1 days);
        bytes4 refusal = IRateLimits.RateLimits_UsedMoreThanConsumed.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, key, 101, 100));
        limits.consumeAndRefund(key, 100, 101);
    }

    function test_refund__anything__neverAboveTheCap() public {
        vm.warp(START + 1 days - 1);
        limits.refund(key, type(uint256).max, 0);
        assertEq(limits.available(key), CAP, "cap");
        limits.closeLimit(key);
        limits.refund(key, CAP, 0);
        assertEq(limits.available(key), 0, "closed");
        limits.refund(LimitKeys.LOSS_ADD, CAP, 0);
        assertEq(limits.available(LimitKeys.LOSS_ADD), 0, "unset");
        assertEq(limits.bucketOf(LimitKeys.LOSS_ADD).last, 0, "untouched");
    }

    function test_closeLimit__anyState__neverReverts() public {
        vm.warp(START + 1 days);
        limits.closeLimit(key);
        limits.closeLimit(key);
        limits.closeLimit(LimitKeys.LOSS_ADD);
        assertEq(limits.available(key), 0, "closed");
        assertEq(limits.bucketOf(LimitKeys.LOSS_ADD).period, 0, "still unset");
        assertEq(limits.bucketOf(LimitKeys.LOSS_ADD).last, 0, "untouched");
        vm.expectRevert(_notSet(key));
        limits.consume(key, 0);
    }

    function test_closedOrUnset__closedAgainAndRefunded__tellsNothing() public {
        limits.closeLimit(key);
        vm.recordLogs();
        limits.closeLimit(key);
        limits.closeLimit(LimitKeys.LOSS_ADD);
        limits.refund(key, CAP, 0);
        limits.refund(LimitKeys.LOSS_ADD, CAP, 0);
        assertEq(vm.getRecordedLogs().length, 0, "events");
    }

    function test_limit__ofOneUnit__isALimitLikeAnyOther() public {
        limits.raiseLimit(LimitKeys.LOSS_ADD, 1, 1 days, 0);
        vm.warp(START + 1 days);
        limits.consumeAndRefund(LimitKeys.LOSS_ADD, 1, 0);
        assertEq(limits.available(LimitKeys.LOSS_ADD), 1, "given back");
        limits.closeLimit(LimitKeys.LOSS_ADD);
        vm.expectRevert(_notSet(LimitKeys.LOSS_ADD));
        limits.consume(LimitKeys.LOSS_ADD, 1);
    }

    function test_gas__consume__fitsTheBudget() public {
        vm.warp(START + 1 days);
        cheats.cool(address(limits));
        uint256 one = limits.gasOfConsume(key, 100 * USD);
        emit Gas("one bucket", one);
        assertLe(one, 9_000, "one bucket");
        vm.warp(START + 2 days);
        cheats.cool(address(limits));
        uint256 two = limits.gasOfTwo(key, other, 100 * USD);
        emit Gas("two buckets", two);
        assertLe(two, 18_000, "two buckets");
    }

    function testFuzz_available__time__fillsExactly(uint256 cap, uint32 period, uint40 elapsed) public {
        cap = bound(cap, 1, (uint256(1) << 72) - 1);
        period = uint32(bound(period, 1, type(uint32).max));
        elapsed = uint40(bound(elapsed, 0, type(uint40).max - START));
        limits.raiseLimit(LimitKeys.LOSS_ADD, cap, period, 0);
        vm.warp(START + elapsed);
        uint256 expected = elapsed >= period ? cap : cap * elapsed / period;
        assertEq(limits.available(LimitKeys.LOSS_ADD), expected, "available");
    }

    /// @dev Frequent use loses nothing to rounding; otherwise a stranger could keep a bucket empty.
    function testFuzz_consume__often__losesNothing(uint256 cap, uint16 step) public {
        cap = bound(cap, 1, 1 days);
        limits.raiseLimit(LimitKeys.LOSS_ADD, cap, 1 days, 0);
        uint256 time = START;
        for (uint256 i = 0; i < 50; ++i) {
            time += step % 600;
            vm.warp(time);
            limits.consume(LimitKeys.LOSS_ADD, 0);
        }
        assertEq(limits.available(LimitKeys.LOSS_ADD), cap * (time - START) / 1 days, "available");
    }

    /// @dev Checks all intervals between two consumptions, both included.
    function testFuzz_consume__everyInterval__isBounded(uint256 cap, uint24 period, uint256[12] memory draws) public {
        cap = bound(cap, 1, 1e18);
        period = uint24(bound(period, 1, type(uint24).max));
        limits.raiseLimit(LimitKeys.LOSS_ADD, cap, period, 0);
        uint256[12] memory times;
        uint256[12] memory amounts;
        uint256 time = START;
        for (uint256 i = 0; i < draws.length; ++i) {
            time += uint128(draws[i]) % (uint256(period) * 2);
            vm.warp(time);
            times[i] = time;
            uint256 left = limits.available(LimitKeys.LOSS_ADD);
            amounts[i] = draws[i] & (1 << 200) == 0 ? left : (draws[i] >> 128) % (left + 1);
            limits.consume(LimitKeys.LOSS_ADD, amounts[i]);
        }
        for (uint256 i = 0; i < draws.length; ++i) {
            uint256 sum = 0;
            for (uint256 j = i; j < draws.length; ++j) {
                sum += amounts[j];
                assertLe(sum * period, cap * period + cap * (times[j] - times[i]), "cap + slope * t");
            }
        }
    }

    function testFuzz_configuration__anyChange__neverRefills(
        uint256 cap,
        uint32 period,
        uint256 newCap,
        uint32 newPeriod,
        uint32 elapsed,
        uint8 exp
    ) public {
        exp = exp % 19;
        cap = bound(cap, 1, type(uint72).max);
        newCap = bound(newCap, 1, type(uint72).max);
        period = uint32(bound(period, 1, type(uint32).max));
        newPeriod = uint32(bound(newPeriod, 1, type(uint32).max));
        limits.raiseLimit(LimitKeys.LOSS_ADD, cap * 10 ** exp, period, exp);
        vm.warp(START + elapsed);
        uint256 before = limits.available(LimitKeys.LOSS_ADD);
        uint256 expected = before < newCap * 10 ** exp ? before : newCap * 10 ** exp;
        bool lowering = newCap <= cap && newCap * period <= cap * newPeriod;
        if (lowering) limits.lowerLimit(LimitKeys.LOSS_ADD, newCap * 10 ** exp, newPeriod);
        else limits.raiseLimit(LimitKeys.LOSS_ADD, newCap * 10 ** exp, newPeriod, exp);
        uint256 left = limits.available(LimitKeys.LOSS_ADD);
        assertLe(left, expected, "never more");
        assertGe(left + 10 ** exp, expected, "less by rounding only");
    }

    function testFuzz_refund__anyAmounts__asIfOnlyUsedWasConsumed(uint256 consumed, uint256 used, uint8 exp) public {
        exp = exp % 19;
        uint256 cap = 1e6 * 10 ** exp;
        consumed = bound(consumed, 0, cap);
        used = bound(used, 0, consumed);
        limits.raiseLimit(LimitKeys.LOSS_ADD, cap, 1 days, exp);
        limits.raiseLimit(LimitKeys.LOSS_REDUCE, cap, 1 days, exp);
        vm.warp(START + 1 days);
        limits.consumeAndRefund(LimitKeys.LOSS_ADD, consumed, used);
        limits.consume(LimitKeys.LOSS_REDUCE, used);
        assertEq(limits.available(LimitKeys.LOSS_ADD), limits.available(LimitKeys.LOSS_REDUCE), "same as used alone");
        assertLe(limits.available(LimitKeys.LOSS_ADD) + used, cap, "rounded against the caller");
    }

    function _refuses(bytes32 where, uint256 cap, uint32 period, uint8 exp) internal {
        bytes4 refusal = IRateLimits.RateLimits_InvalidLimit.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, where, cap, period, exp));
        limits.raiseLimit(where, cap, period, exp);
    }

    function _refusesLower(uint256 cap, uint32 period) internal {
        vm.expectRevert(abi.encodeWithSelector(IRateLimits.RateLimits_NotLowered.selector, key, cap, period));
        limits.lowerLimit(key, cap, period);
    }

    function _permit(bytes4 selector, uint64 role) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(address(limits), selectors, role);
    }

    function _notSet(bytes32 where) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRateLimits.RateLimits_NotSet.selector, where);
    }

    function _exceeded(bytes32 where, uint256 amount, uint256 left) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, where, amount, left);
    }
}
