// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManager} from "@openzeppelin/contracts/access/manager/AccessManager.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {LiquidityVault} from "@ballast/vault/LiquidityVault.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {BookController} from "../doubles/BookController.sol";
import {HookToken} from "../doubles/HookToken.sol";
import {Test} from "../support/Test.sol";

/// @title Tests with a settlement token that makes calls, blocks receivers and has any decimals
contract RedemptionQueueHostileTest is Test {
    address private immutable alice = address(0xA11CE);
    address private immutable bob = address(0xB0B);

    HookToken private token;
    LiquidityVault private vault;
    RedemptionQueue private queue;
    uint256 private whole;
    uint256 private unit;

    function setUp() public {
        _deploy(18);
    }

    function _deploy(uint8 decimals) internal {
        AccessManager manager = new AccessManager(address(this));
        token = new HookToken(decimals);
        vault = new LiquidityVault(address(manager), IERC20(address(token)), "V", "V");
        queue = new RedemptionQueue(address(manager), address(vault));
        vault.setController(address(new BookController(address(vault))));
        vault.setQueue(address(queue));
        (unit, whole) = (10 ** decimals, 10 ** (decimals + 6));
        _deposit(alice, 1_000 * unit);
        _deposit(bob, 1_000 * unit);
    }

    function _deposit(address account, uint256 assets) internal {
        token.mint(account, assets);
        vm.startPrank(account);
        token.approve(address(vault), assets);
        vault.deposit(assets, account);
        // The token is everyone's operator, so a call refused to it is refused to all.
        queue.setOperator(address(token), true);
        vm.stopPrank();
    }

    function _request(address account, uint256 shares) internal {
        vm.prank(account);
        queue.requestRedeem(shares, account, account);
    }

    function test_reentrancy__duringAFulfilment__nothingEnters() public {
        bytes[] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            _deploy(18);
            _request(alice, 10 * whole);
            token.setHook(address(queue), calls[i]);
            queue.fulfil(5 * whole);
            _assertRefused();
        }
    }

    function test_reentrancy__duringAClaim__nothingEnters() public {
        bytes[] memory calls = _calls();
        for (uint256 i = 0; i < calls.length; ++i) {
            _deploy(18);
            _request(alice, 10 * whole);
            queue.fulfil(5 * whole);
            token.setHook(address(queue), calls[i]);
            vm.prank(alice);
            if (i % 3 == 0) queue.claim(1, alice, alice);
            else if (i % 3 == 1) queue.redeem(whole, alice, alice);
            else queue.withdraw(unit, alice, alice);
            _assertRefused();
        }
    }

    /// @dev During a payment, burned shares are still backed, so reads revert.
    function test_readOnlyReentrancy__duringAPayment__noTotal() public {
        bytes[3] memory looks = [
            abi.encodeCall(vault.totalAssets, ()),
            abi.encodeCall(vault.convertToAssets, (1e18)),
            abi.encodeCall(vault.previewRedeem, (1e18))
        ];
        for (uint256 i = 0; i < looks.length; ++i) {
            token.setHook(address(vault), looks[i]);
            vm.prank(alice);
            vault.withdraw(unit, alice, alice);
            _assertRefused();
        }
        token.setHook(address(vault), abi.encodeCall(vault.maxRedeem, (alice)));
        vm.prank(alice);
        vault.withdraw(unit, alice, alice);
        assertTrue(token.callSucceeded(), "maxima never revert");
        assertEq(abi.decode(token.callAnswer(), (uint256)), 0, "and are 0");
    }

    function test_maxima__controllerAtWork__areZeroAndNeverRevert() public {
        BookController(vault.controller()).setLocked(true);
        assertEq(vault.maxDeposit(alice) + vault.maxMint(alice), 0, "maximum in");
        assertEq(vault.maxWithdraw(alice) + vault.maxRedeem(alice), 0, "maximum out");
        vm.expectRevert(BookController.BookController_Locked.selector);
        vault.totalAssets();
    }

    /// @dev During a deposit the queue cannot call the vault, so the due amount cannot change.
    function test_reentrancy__duringADeposit__queueStaysOut() public {
        _request(alice, 10 * whole);
        bytes[] memory calls = _calls();
        for (uint256 i = 0; i < 3; ++i) {
            token.mint(bob, unit);
            vm.prank(bob);
            token.approve(address(vault), unit);
            token.setHook(address(queue), calls[i]);
            vm.prank(bob);
            vault.deposit(unit, bob);
            _assertRefused();
        }
    }

    /// @dev A9 through the queue: inflating the price costs a million times the loss of the next depositor.
    function testFuzz_A9_inflatedPrice__throughTheQueue__costsTheInflator(uint256 gift, uint256 assets) public {
        _deploy(6);
        _leave(alice);
        _leave(bob);
        assertEq(vault.totalSupply(), 0, "empty");
        gift = bound(gift, 1, 1e15);
        assets = bound(assets, unit, 1e15);
        _deposit(alice, 1);
        token.mint(address(vault), gift);
        _deposit(bob, assets);
        uint256 shares = vault.balanceOf(bob);
        // Fewer shares than the queue's minimum are redeemed at the vault.
        if (shares < queue.minimumShares()) return;
        _request(bob, shares);
        queue.fulfil(type(uint256).max);
        vm.prank(bob);
        (, uint256 back) = queue.claim(1, bob, bob);
        assertLe(back, assets, "no gain");
        assertLe(assets - back, gift / 1e6 + 2, "lost");
    }

    function _leave(address account) internal {
        uint256 shares = vault.balanceOf(account);
        vm.prank(account);
        vault.redeem(shares, account, account);
    }

    function test_claim__receiverBlocked__othersArePaid() public {
        _request(alice, 10 * whole);
        _request(bob, 10 * whole);
        token.setBlocked(alice, true);
        queue.fulfil(type(uint256).max);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(HookToken.HookToken_Blocked.selector, alice));
        queue.claim(1, alice, alice);
        queue.claim(1, address(0xCAFE), alice);
        vm.stopPrank();
        vm.prank(bob);
        queue.claim(1, bob, bob);
        assertEq(token.balanceOf(bob), 10 * unit, "paid");
        assertEq(token.balanceOf(address(0xCAFE)), 10 * unit, "paid elsewhere");
    }

    /// @dev The token refuses transfers of 0; that does not block a batch.
    function test_fulfil__restWorthNothing__doesNotHang() public {
        _request(alice, 10 * whole);
        queue.fulfil(10 * whole - 1);
        (uint256 shares, uint256 assets) = queue.fulfil(type(uint256).max);
        assertEq(shares, 1, "shares");
        assertEq(assets, 0, "assets");
        vm.startPrank(alice);
        queue.redeem(1, alice, alice);
        queue.redeem(0, alice, alice);
        queue.claim(1, alice, alice);
        assertEq(queue.batchesOf(alice).length, 0, "forgotten");
    }

    /// @dev A12: the same scenario with 6, 8 and 18 decimals.
    function test_A12_lifeCycle__anyDecimals__theSame() public {
        uint8[3] memory decimals = [6, 8, 18];
        for (uint256 i = 0; i < decimals.length; ++i) {
            _deploy(decimals[i]);
            assertEq(queue.minimumShares(), whole, "minimum");
            BookController(vault.controller()).setBook(500 * unit, true);
            _request(alice, 400 * whole);
            _request(bob, 200 * whole);
            // 2500 for 2000 shares, rounded against the redeemers.
            assertEq(queue.pendingRedemptions(), 750 * unit, "pending");
            queue.fulfil(300 * whole);
            vm.prank(alice);
            (uint256 shares, uint256 assets) = queue.claim(1, alice, alice);
            assertEq(shares, 200 * whole, "shares");
            assertLe(250 * unit - assets, 1, "assets");
        }
    }

    function _calls() internal view returns (bytes[] memory list) {
        list = new bytes[](6);
        list[0] = abi.encodeCall(queue.requestRedeem, (whole, bob, bob));
        list[1] = abi.encodeCall(queue.cancelRedeemRequest, (1, alice, alice));
        list[2] = abi.encodeCall(queue.fulfil, (whole));
        list[3] = abi.encodeCall(queue.claim, (1, alice, alice));
        list[4] = abi.encodeCall(queue.redeem, (whole, alice, alice));
        list[5] = abi.encodeCall(queue.withdraw, (unit, alice, alice));
    }

    function _assertRefused() internal view {
        assertTrue(token.called(), "called");
        assertFalse(token.callSucceeded(), "refused");
        assertEq(
            uint256(uint32(bytes4(token.callAnswer()))),
            uint32(ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector),
            "by the lock"
        );
    }
}
