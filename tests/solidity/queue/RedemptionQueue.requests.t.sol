// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {IERC7540Redeem} from "@ballast/interfaces/external/IERC7540.sol";
import {RedemptionQueue} from "@ballast/vault/RedemptionQueue.sol";

import {QueueTest} from "./QueueTest.sol";

/// @title Tests of requests and their cancellation
contract RedemptionQueueRequestsTest is QueueTest {
    function test_requestRedeem__nothingOrBelowTheMinimum__refuses() public {
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_BelowMinimum.selector, 0, WHOLE));
        queue.requestRedeem(0, alice, alice);
        vm.expectRevert(
            abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_BelowMinimum.selector, WHOLE - 1, WHOLE)
        );
        queue.requestRedeem(WHOLE - 1, alice, alice);
        assertEq(queue.requestRedeem(WHOLE, alice, alice), 1, "at the minimum");
    }

    function test_requestRedeem__owner__escrowsAndTellsTheVault() public {
        uint256 held = vault.balanceOf(alice);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.BatchOpened(1, START + 7 days);
        vm.expectEmit(address(queue));
        emit IERC7540Redeem.RedeemRequest(alice, alice, 1, alice, 5 * WHOLE + 1);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DueSet(5 * WHOLE + 1e6);
        assertEq(_request(alice, 5 * WHOLE + 1), 1, "id");

        assertEq(vault.balanceOf(alice), held - 5 * WHOLE - 1, "left");
        assertEq(vault.balanceOf(address(queue)), 5 * WHOLE + 1, "in escrow");
        assertEq(vault.allowance(alice, address(queue)), 0, "no allowance was needed");
        assertEq(queue.pendingRedeemRequest(1, alice), 5 * WHOLE + 1, "pending");
        assertEq(queue.claimableRedeemRequest(1, alice), 0, "claimable");
        assertEq(queue.pendingShares(), 5 * WHOLE + 1, "all pending");
        assertEq(vault.dueShares(), 5 * WHOLE + 1e6, "due, rounded up");
    }

    function test_requestRedeem__moreThanTheOwnerHas__reverts() public {
        uint256 tooMany = vault.balanceOf(alice) + 1;
        vm.startPrank(alice);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientBalance.selector);
        queue.requestRedeem(tooMany, alice, alice);
    }

    function test_requestRedeem__stranger__reverts() public {
        vm.startPrank(outsider);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, outsider, 0, 5 * WHOLE)
        );
        queue.requestRedeem(5 * WHOLE, alice, alice);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, outsider, 0, 5 * WHOLE)
        );
        queue.requestRedeem(5 * WHOLE, outsider, alice);
    }

    function test_requestRedeem__allowance__isUsedUp() public {
        vm.prank(alice);
        vault.approve(bob, 8 * WHOLE);
        vm.startPrank(bob);
        queue.requestRedeem(5 * WHOLE, bob, alice);
        assertEq(vault.allowance(alice, bob), 3 * WHOLE, "left of it");
        assertEq(queue.pendingRedeemRequest(1, bob), 5 * WHOLE, "for the caller");
        queue.requestRedeem(3 * WHOLE, alice, alice);
        assertEq(queue.pendingRedeemRequest(1, alice), 3 * WHOLE, "for the owner");
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        queue.requestRedeem(WHOLE, bob, alice);
    }

    function test_requestRedeem__operatorOfTheOwner__needsNoAllowance() public {
        vm.prank(alice);
        queue.setOperator(bob, true);
        vm.prank(bob);
        queue.requestRedeem(5 * WHOLE, bob, alice);
        assertEq(queue.pendingRedeemRequest(1, bob), 5 * WHOLE, "pending");
        vm.prank(alice);
        queue.setOperator(bob, false);
        vm.startPrank(bob);
        vm.expectPartialRevert(IERC20Errors.ERC20InsufficientAllowance.selector);
        queue.requestRedeem(5 * WHOLE, bob, alice);
    }

    function test_requestRedeem__controllerDidNotAgree__refuses() public {
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_Unauthorized.selector;
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(refusal, carol, alice));
        queue.requestRedeem(5 * WHOLE, carol, alice);
        vm.stopPrank();
        vm.prank(carol);
        queue.setOperator(alice, true);
        vm.prank(alice);
        queue.requestRedeem(5 * WHOLE, carol, alice);
        assertEq(queue.pendingRedeemRequest(1, carol), 5 * WHOLE, "pending");
    }

    function test_requestRedeem__insideThePeriod__joinsTheBatch() public {
        _deposit(bob, 100 * USD);
        _request(alice, 5 * WHOLE);
        vm.warp(START + 1 days - 1);
        assertEq(_request(bob, 2 * WHOLE), 1, "the same batch");
        assertEq(_request(alice, 3 * WHOLE), 1, "added");
        IRedemptionQueue.Batch memory batch = queue.batchOf(1);
        assertEq(batch.shares, 10 * WHOLE, "shares");
        assertEq(batch.openedAt, START, "opened");
        assertEq(batch.dueAt, START + 7 days, "due");
        assertEq(queue.pendingRedeemRequest(1, alice), 8 * WHOLE, "alice");
        assertEq(queue.batchesOf(alice).length, 1, "one batch");
    }

    function test_requestRedeem__afterThePeriod__opensTheNext() public {
        _request(alice, 5 * WHOLE);
        vm.warp(START + 1 days);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.BatchOpened(2, START + 8 days);
        assertEq(_request(alice, 5 * WHOLE), 2, "the next batch");
        assertEq(queue.batchesOf(alice)[1], 2, "in order");
    }

    function test_requestRedeem__fulfilmentBegan__opensTheNext() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(WHOLE);
        assertEq(_request(alice, 5 * WHOLE), 2, "the next batch");
    }

    function test_requestRedeem__fulfilled__opensTheNext() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(5 * WHOLE);
        assertEq(_request(alice, 5 * WHOLE), 2, "the next batch");
    }

    function test_requestRedeem__emptiedBatch__beginsAnew() public {
        _request(alice, 5 * WHOLE);
        _cancel(alice, 1);
        vm.warp(START + 12 hours);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.BatchOpened(1, START + 12 hours + 7 days);
        assertEq(_request(alice, 5 * WHOLE), 1, "the same id");
        assertEq(queue.batchOf(1).openedAt, START + 12 hours, "opened");
    }

    function test_requestRedeem__seventeenthBatch__refuses() public {
        for (uint256 i = 0; i < 16; ++i) {
            vm.warp(START + i * 1 days);
            _request(alice, WHOLE);
        }
        _request(alice, WHOLE);
        assertEq(queue.pendingRedeemRequest(16, alice), 2 * WHOLE, "another in the sixteenth");
        vm.warp(START + 16 days);
        vm.startPrank(alice);
        vm.expectRevert(_error(IRedemptionQueue.RedemptionQueue_TooManyBatches.selector, alice));
        queue.requestRedeem(WHOLE, alice, alice);
        queue.cancelRedeemRequest(7, alice, alice);
        assertEq(queue.requestRedeem(WHOLE, alice, alice), 17, "one was given up");
        uint64[] memory ids = queue.batchesOf(alice);
        assertEq(ids[5] * 100 + ids[6], 608, "order is kept");
        assertEq(ids[15], 17, "the last");
    }

    function test_requestRedeem__stalePriceAndPause__accepted() public {
        _invest();
        vm.prank(guardian);
        controller.pause();
        vm.warp(START + HEARTBEAT + 1);
        assertEq(vault.maxRedeem(alice), 0, "not fresh");
        _request(alice, 5 * WHOLE);
        assertEq(queue.pendingShares(), 5 * WHOLE, "pending");
        assertEq(_cancel(alice, 1), 5 * WHOLE, "and taken back");
    }

    function test_requestRedeem__controllerAtWork__refuses() public {
        _request(alice, 5 * WHOLE);
        vm.mockCall(address(controller), abi.encodeCall(IAssetController.locked, ()), abi.encode(true));
        vm.startPrank(alice);
        vm.expectRevert(ILiquidityVault.LiquidityVault_ControllerLocked.selector);
        queue.requestRedeem(5 * WHOLE, alice, alice);
        vm.expectRevert(ILiquidityVault.LiquidityVault_ControllerLocked.selector);
        queue.cancelRedeemRequest(1, alice, alice);
    }

    function test_requestRedeem__replacedQueue__refuses() public {
        vault.setQueue(address(new RedemptionQueue(address(manager), address(vault))));
        vm.startPrank(alice);
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotQueue.selector, address(queue)));
        queue.requestRedeem(5 * WHOLE, alice, alice);
    }

    function test_cancelRedeemRequest__controller__getsAllSharesBack() public {
        uint256 held = vault.balanceOf(alice);
        _request(alice, 5 * WHOLE);
        _request(alice, 3 * WHOLE);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.RedeemRequestCancelled(alice, bob, 1, alice, 8 * WHOLE);
        vm.expectEmit(address(vault));
        emit ILiquidityVault.DueSet(0);
        vm.prank(alice);
        assertEq(queue.cancelRedeemRequest(1, bob, alice), 8 * WHOLE, "shares");
        assertEq(vault.balanceOf(bob), 8 * WHOLE, "to the receiver");
        assertEq(vault.balanceOf(alice), held - 8 * WHOLE, "not to the controller");
        assertEq(queue.batchOf(1).shares + queue.pendingShares() + vault.dueShares(), 0, "nothing waits");
        assertEq(queue.pendingRedeemRequest(1, alice), 0, "no request");
        assertEq(queue.batchesOf(alice).length, 0, "no batch");
    }

    function test_cancelRedeemRequest__oneOfTwo__leavesTheOther() public {
        _deposit(bob, 100 * USD);
        _request(alice, 5 * WHOLE);
        _request(bob, 2 * WHOLE);
        _cancel(alice, 1);
        assertEq(queue.pendingRedeemRequest(1, bob), 2 * WHOLE, "bob's");
        assertEq(queue.batchOf(1).shares, 2 * WHOLE, "batch");
        assertEq(vault.dueShares(), 2 * WHOLE, "due");
        assertEq(vault.balanceOf(address(queue)), 2 * WHOLE, "escrow");
    }

    function test_cancelRedeemRequest__operator__may() public {
        _request(alice, 5 * WHOLE);
        vm.prank(alice);
        queue.setOperator(bob, true);
        vm.prank(bob);
        queue.cancelRedeemRequest(1, bob, alice);
        assertEq(vault.balanceOf(bob), 5 * WHOLE, "shares");
    }

    function test_cancelRedeemRequest__stranger__reverts() public {
        _request(alice, 5 * WHOLE);
        vm.startPrank(outsider);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_Unauthorized.selector, alice, outsider));
        queue.cancelRedeemRequest(1, outsider, alice);
    }

    function test_cancelRedeemRequest__noRequest__reverts() public {
        _request(alice, 5 * WHOLE);
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_NoRequest.selector;
        vm.startPrank(outsider);
        vm.expectRevert(abi.encodeWithSelector(refusal, 1, outsider));
        queue.cancelRedeemRequest(1, outsider, outsider);
        vm.stopPrank();
        _cancel(alice, 1);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(refusal, 1, alice));
        queue.cancelRedeemRequest(1, alice, alice);
    }

    function test_cancelRedeemRequest__fulfilmentBegan__reverts() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(WHOLE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_FulfilmentBegun.selector, 1));
        queue.cancelRedeemRequest(1, alice, alice);
    }

    function testFuzz_requestThenCancel__anyShares__changesNothing(uint256 shares) public {
        _invest();
        _lose(77);
        uint256 held = vault.balanceOf(alice);
        uint256 price = vault.convertToAssets(1e30);
        shares = bound(shares, WHOLE, held);
        _request(alice, shares);
        assertEq(vault.convertToAssets(1e30), price, "price");
        assertEq(_cancel(alice, 1), shares, "shares");
        assertEq(vault.balanceOf(alice), held, "all of them");
        assertEq(vault.convertToAssets(1e30), price, "price again");
    }
}
