// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {System} from "../support/System.sol";

/// @title Tests of the time for which fresh shares are locked
/// forge-config: default.isolate = true
contract LiquidityVaultHoldingTest is System {
    uint256 private constant WHOLE = 1e12;
    uint32 private constant HOUR = 1 hours;
    address private immutable bob = address(0xB0B);

    function setUp() public override {
        super.setUp();
        vault.setHoldingTime(HOUR);
    }

    function test_setHoldingTime__outsider__reverts() public {
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, outsider));
        vm.prank(outsider);
        vault.setHoldingTime(0);
    }

    function test_setHoldingTime__aWeek__isTheMost() public {
        vm.expectEmit(address(vault));
        emit ILiquidityVault.HoldingTimeSet(7 days);
        vault.setHoldingTime(7 days);
        assertEq(vault.holdingTime(), 7 days, "a week");
        bytes4 refusal = ILiquidityVault.LiquidityVault_InvalidHoldingTime.selector;
        vm.expectRevert(abi.encodeWithSelector(refusal, 7 days + 1));
        vault.setHoldingTime(7 days + 1);
    }

    function test_deposit__free__isLockedForTheHoldingTime() public {
        uint256 shares = _deposit(bob, 10 * USD);
        _requireLocked(shares, START + HOUR);
        vm.warp(START + HOUR - 1);
        _requireLocked(shares, START + HOUR);
        assertEq(vault.maxRedeem(bob) + vault.maxWithdraw(bob), 0, "nothing yet");
        vm.warp(START + HOUR);
        _requireLocked(0, 0);
        assertEq(vault.maxRedeem(bob), shares, "all");
        assertEq(vault.maxWithdraw(bob), 10 * USD, "all of its assets");
    }

    function test_mint__free__isLockedToo() public {
        uint256 assets = vault.previewMint(WHOLE);
        usdt.mint(bob, assets);
        vm.prank(bob);
        usdt.approve(address(vault), assets);
        vm.prank(bob);
        vault.mint(WHOLE, bob);
        _requireLocked(WHOLE, START + HOUR);
    }

    function test_locked__anyWayOut__isClosed() public {
        uint256 shares = _deposit(bob, 10 * USD);
        vm.prank(bob);
        vault.approve(outsider, shares);
        bytes memory refusal =
            abi.encodeWithSelector(ILiquidityVault.LiquidityVault_SharesLocked.selector, bob, START + HOUR);
        vm.expectRevert(refusal);
        vm.prank(bob);
        vault.transfer(alice, 1);
        vm.expectRevert(refusal);
        vm.prank(outsider);
        vault.transferFrom(bob, outsider, 1);
        vm.expectRevert(refusal);
        vm.prank(bob);
        queue.requestRedeem(shares, bob, bob);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, bob, 1, 0));
        vm.prank(bob);
        vault.withdraw(1, bob, bob);
        vm.expectRevert(abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxRedeem.selector, bob, 1, 0));
        vm.prank(bob);
        vault.redeem(1, bob, bob);
    }

    function test_locked__otherSharesOfTheSameOwner__areFree() public {
        uint256 old = vault.balanceOf(alice);
        uint256 fresh = _deposit(alice, 10 * USD);
        assertEq(vault.maxRedeem(alice), old, "old ones");
        vm.prank(alice);
        vault.transfer(bob, old);
        assertEq(vault.balanceOf(alice), fresh, "fresh ones");
        _requireLocked(0, 0);
    }

    function test_transfer__moreThanThereIs__isMissingAndNotLocked() public {
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        vm.prank(bob);
        vault.transfer(alice, 1);
    }

    /// @dev Attack on others: repeated gifts of one unit.
    function test_gift__anyTime__locksItselfOnly() public {
        uint256 shares = _deposit(bob, 10 * USD);
        uint256 gifts;
        for (uint256 i = 0; i < 6; ++i) {
            vm.warp(START + i * HOUR / 6);
            gifts += _give(1);
        }
        vm.warp(START + HOUR);
        _requireLocked(gifts - 1e6, START + 2 * HOUR);
        assertEq(vault.maxRedeem(bob), shares + 1e6, "what was bob's, and the gift of the first moment");
    }

    /// @dev Attack on the vault: a small deposit that is nearly free, then a large one.
    function test_deposit__oldOnesNearlyFree__waitsAtLeastTheHoldingTime() public {
        uint256 small = _deposit(bob, 10 * USD);
        vm.warp(START + HOUR - 1);
        uint256 large = _deposit(bob, 10 * USD);
        _requireLocked(small + large, START + 2 * HOUR);
        vm.warp(START + HOUR);
        _requireLocked(large, START + 2 * HOUR);
        vm.warp(START + 2 * HOUR);
        _requireLocked(0, 0);
    }

    function test_deposit__whileASecondTrancheWaits__beginsAThird() public {
        _deposit(bob, 10 * USD);
        vm.warp(START + 10);
        uint256 second = _deposit(bob, 20 * USD);
        vm.warp(START + HOUR);
        uint256 third = _deposit(bob, 30 * USD);
        _requireLocked(second + third, START + 2 * HOUR);
        vm.warp(START + HOUR + 1);
        uint256 fourth = _deposit(bob, 40 * USD);
        _requireLocked(second + third + fourth, START + 3 * HOUR);
        vm.warp(START + 2 * HOUR);
        _requireLocked(fourth, START + 3 * HOUR);
        vm.warp(START + 3 * HOUR);
        uint256 fifth = _deposit(bob, 50 * USD);
        _requireLocked(fifth, START + 4 * HOUR);
    }

    function test_setHoldingTime__lowered__frees_whatComes_andTheSecondTranche() public {
        uint256 first = _deposit(bob, 10 * USD);
        vm.warp(START + 10);
        uint256 second = _deposit(bob, 20 * USD);
        vault.setHoldingTime(60);
        _requireLocked(first + second, START + HOUR + 60);
        // A new deposit would be free before the others, and waits with them.
        uint256 third = _deposit(bob, 5 * USD);
        vm.warp(START + HOUR);
        _requireLocked(second, START + HOUR + 60);
        assertEq(vault.maxRedeem(bob), first + third, "free");
        vault.setHoldingTime(0);
        _requireLocked(0, 0);
        _deposit(bob, USD);
        _requireLocked(0, 0);
    }

    /// @dev A second tranche that was already free is locked again, but not shares that have left.
    function test_setHoldingTime__raised__locksNoMoreThanThereIs() public {
        _deposit(bob, 10 * USD);
        vm.warp(START + 10);
        uint256 second = _deposit(bob, 20 * USD);
        vm.warp(START + 2 * HOUR);
        uint256 rest = 3 * WHOLE;
        uint256 all = vault.balanceOf(bob);
        vm.prank(bob);
        vault.transfer(alice, all - rest);
        vault.setHoldingTime(7 days);
        assertGe(second, rest, "more was locked");
        _requireLocked(rest, START + HOUR + 7 days);
        assertEq(vault.maxRedeem(bob), 0, "locked");
    }

    function test_deposit__moreThanTheLockCounts__refuses() public {
        vm.prank(address(controller));
        vault.pay(outsider, DEPOSIT - 1);
        // A share is worth almost nothing now.
        usdt.mint(bob, 1e21);
        vm.prank(bob);
        usdt.approve(address(vault), 1e21);
        uint256 shares = vault.previewDeposit(1e22);
        vm.expectRevert(abi.encodeWithSelector(SafeCast.SafeCastOverflowedUintDowncast.selector, 112, shares / 10));
        vm.prank(bob);
        vault.deposit(1e21, bob);
        vault.setHoldingTime(0);
        vm.prank(bob);
        vault.deposit(1e21, bob);
    }

    /// @dev The shares were free when they were queued.
    function test_cancelledRequest__shares__areFree() public {
        vm.prank(alice);
        uint256 requestId = queue.requestRedeem(5 * WHOLE, alice, alice);
        _deposit(bob, 10 * USD);
        vm.prank(alice);
        queue.cancelRedeemRequest(requestId, bob, alice);
        assertEq(vault.maxRedeem(bob), 5 * WHOLE, "free");
    }

    /// @dev A gift to the queue delays no redemption.
    function test_gift__toTheQueue__fulfilmentGoesOn() public {
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE, alice, alice);
        usdt.mint(outsider, USD);
        vm.prank(outsider);
        usdt.approve(address(vault), USD);
        vm.prank(outsider);
        vault.deposit(USD, address(queue));
        (uint256 shares,) = queue.fulfil(type(uint256).max);
        assertEq(shares, 5 * WHOLE, "fulfilled");
    }

    function test_withdraw__afterADepositOfTheSameTransaction__refuses() public {
        FlashDepositor flash = new FlashDepositor(vault);
        vm.prank(alice);
        vault.transfer(address(flash), 1_000 * WHOLE);
        vm.expectRevert(
            abi.encodeWithSelector(ERC4626.ERC4626ExceededMaxWithdraw.selector, address(flash), 30 * USD, 0)
        );
        flash.watch(100 * USD, 30 * USD, 500 * USD);
        vault.setHoldingTime(0);
        flash.watch(100 * USD, 30 * USD, 500 * USD);
    }

    function test_fulfil__afterADepositOfTheSameTransaction__refuses() public {
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE, alice, alice);
        FlashDepositor flash = new FlashDepositor(vault);
        vm.expectRevert(abi.encodeWithSelector(ILiquidityVault.LiquidityVault_FreshDeposits.selector, 100 * USD));
        flash.fulfil(100 * USD);
        vault.setHoldingTime(0);
        flash.fulfil(100 * USD);
    }

    /// @dev A deposit adds to the locked shares: all of it for the holding time, none after twice that time, and in
    /// between all or none. So it changes nothing for earlier shares.
    function testFuzz_deposits__anyTimes__eachIsLockedForItself(uint32[8] memory waits, uint64[8] memory sizes) public {
        uint256[8] memory made;
        for (uint256 i = 0; i < 8; ++i) {
            vm.warp(block.timestamp + waits[i] % (2 * HOUR));
            uint256[9] memory before = _profile();
            uint256 assets = uint256(sizes[i]) + 1;
            made[i] = assets % 2 == 0 ? _give(assets) : _deposit(bob, assets);
            uint256[9] memory current = _profile();
            for (uint256 k = 0; k < 9; ++k) {
                uint256 more = current[k] - before[k];
                if (k < 4) assertEq(more, made[i], "for the holding time");
                else if (k == 8) assertEq(more, 0, "for twice as long at most");
                else assertTrue(more == 0 || more == made[i], "all or nothing");
            }
        }
    }

    /// @dev Returns the locked shares now and at eighths of twice the holding time.
    function _profile() internal returns (uint256[9] memory locked) {
        uint256 time = block.timestamp;
        for (uint256 k = 0; k < 9; ++k) {
            vm.warp(time + k * HOUR / 4);
            (locked[k],) = vault.lockedShares(bob);
        }
        vm.warp(time);
    }

    function _give(uint256 assets) internal returns (uint256 shares) {
        usdt.mint(outsider, assets);
        vm.prank(outsider);
        usdt.approve(address(vault), assets);
        vm.prank(outsider);
        shares = vault.deposit(assets, bob);
    }

    function _requireLocked(uint256 shares, uint256 until) internal view {
        (uint256 actual, uint256 end) = vault.lockedShares(bob);
        assertEq(actual, shares, "locked");
        assertEq(end, until, "until");
    }
}
