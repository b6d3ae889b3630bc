// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRedemptionQueue} from "@ballast/interfaces/IRedemptionQueue.sol";
import {IERC7540Operator} from "@ballast/interfaces/external/IERC7540.sol";
import {IERC7575} from "@ballast/interfaces/external/IERC7575.sol";

import {QueueTest} from "./QueueTest.sol";

/// @title Tests of claims: receivers, amounts and order
contract RedemptionQueueClaimsTest is QueueTest {
    uint256 private constant MEMBERS = 5;

    function test_claim__fulfilled__paysTheReceiver() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(type(uint256).max);
        vm.expectEmit(address(queue));
        emit IRedemptionQueue.RedeemClaimed(alice, bob, 1, 5 * USD, 5 * WHOLE);
        vm.expectEmit(address(queue));
        emit IERC7575.Withdraw(alice, bob, alice, 5 * USD, 5 * WHOLE);
        vm.prank(alice);
        (uint256 shares, uint256 assets) = queue.claim(1, bob, alice);
        assertEq(shares, 5 * WHOLE, "shares");
        assertEq(assets, 5 * USD, "assets");
        assertEq(usdt.balanceOf(bob), 5 * USD, "paid");
        assertEq(usdt.balanceOf(address(queue)), 0, "nothing left");
        assertEq(queue.batchesOf(alice).length, 0, "forgotten");
    }

    function test_claim__nothingClaimable__reverts() public {
        bytes4 refusal = IRedemptionQueue.RedemptionQueue_NoRequest.selector;
        _request(alice, 5 * WHOLE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(refusal, 1, alice));
        queue.claim(1, alice, alice);
        queue.fulfil(type(uint256).max);
        queue.claim(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(refusal, 1, alice));
        queue.claim(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(refusal, 9, alice));
        queue.claim(9, alice, alice);
    }

    function test_claim__inParts__neverTwice() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(2 * WHOLE);
        (uint256 shares, uint256 assets) = _claim(alice, 1);
        assertEq(shares, 2 * WHOLE, "first");
        assertEq(assets, 2 * USD, "first");
        queue.fulfil(3 * WHOLE);
        (shares, assets) = _claim(alice, 1);
        assertEq(shares, 3 * WHOLE, "second");
        assertEq(assets, 3 * USD, "second");
    }

    function test_claims__stranger__revert() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(type(uint256).max);
        bytes memory refusal =
            abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_Unauthorized.selector, alice, outsider);
        vm.startPrank(outsider);
        vm.expectRevert(refusal);
        queue.claim(1, outsider, alice);
        vm.expectRevert(refusal);
        queue.redeem(1, outsider, alice);
        vm.expectRevert(refusal);
        queue.withdraw(1, outsider, alice);
    }

    function test_claims__operator__may() public {
        _request(alice, 6 * WHOLE);
        queue.fulfil(type(uint256).max);
        vm.expectEmit(address(queue));
        emit IERC7540Operator.OperatorSet(alice, bob, true);
        vm.prank(alice);
        assertTrue(queue.setOperator(bob, true), "answer");
        vm.startPrank(bob);
        queue.redeem(WHOLE, bob, alice);
        queue.withdraw(USD, bob, alice);
        queue.claim(1, bob, alice);
        vm.stopPrank();
        assertEq(usdt.balanceOf(bob), 6 * USD, "paid");
        vm.prank(alice);
        queue.setOperator(bob, false);
        vm.startPrank(bob);
        vm.expectPartialRevert(IRedemptionQueue.RedemptionQueue_Unauthorized.selector);
        queue.redeem(0, bob, alice);
    }

    function test_claims__stalePriceAndPause__pay() public {
        _invest();
        _request(alice, 6 * WHOLE);
        queue.fulfil(type(uint256).max);
        vm.prank(guardian);
        controller.pause();
        vm.warp(START + HEARTBEAT + 1);
        (, uint256 assets) = _claim(alice, 1);
        assertEq(assets, 6 * USD, "paid");
    }

    function test_redeem__severalBatches__oldestFirst() public {
        _invest();
        for (uint256 i = 0; i < 3; ++i) {
            _request(alice, 1_000 * WHOLE);
            queue.fulfil(type(uint256).max);
            _lose(1_000);
        }
        uint256 all = queue.maxWithdraw(alice);
        assertEq(queue.maxRedeem(alice), 3_000 * WHOLE, "claimable");
        assertEq(_redeem(alice, 1_000 * WHOLE), 1_000 * USD, "the first batch, before any loss");
        assertEq(queue.batchesOf(alice).length, 2, "it is forgotten");
        uint256 second = _redeem(alice, 500 * WHOLE);
        assertLe(second, 495 * USD, "half of the second");
        uint256 rest = _redeem(alice, 1_500 * WHOLE);
        assertEq(1_000 * USD + second + rest, all, "all of it");
        assertEq(queue.maxRedeem(alice) + queue.maxWithdraw(alice) + queue.batchesOf(alice).length, 0, "nothing left");
    }

    function test_redeem__pendingBatchBetween__isPassedOver() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(2 * WHOLE);
        _request(alice, 5 * WHOLE);
        assertEq(_redeem(alice, 2 * WHOLE), 2 * USD, "paid");
        queue.fulfil(type(uint256).max);
        queue.fulfil(type(uint256).max);
        assertEq(_redeem(alice, 8 * WHOLE), 8 * USD, "the rest");
    }

    function test_redeem__moreThanClaimable__reverts() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(2 * WHOLE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_ExceededClaimable.selector, alice, 7));
        queue.redeem(2 * WHOLE + 7, alice, alice);
    }

    function test_withdraw__severalBatches__oldestFirst() public {
        _invest();
        for (uint256 i = 0; i < 2; ++i) {
            _request(alice, 1_000 * WHOLE);
            queue.fulfil(type(uint256).max);
            _lose(1_000);
        }
        uint256 all = queue.maxWithdraw(alice);
        assertEq(_withdraw(alice, 400 * USD), 400 * WHOLE, "of the first");
        uint256 shares = _withdraw(alice, 700 * USD);
        assertGe(shares, 701 * WHOLE, "the second takes more shares");
        shares = _withdraw(alice, all - 1_100 * USD);
        assertEq(queue.maxRedeem(alice) + queue.maxWithdraw(alice) + queue.batchesOf(alice).length, 0, "nothing left");
    }

    /// @dev Two batches wait, and neither can be claimed.
    function test_withdraw__nothingClaimableYet__isPassedOver() public {
        _request(alice, 5 * WHOLE);
        _pass(1 days);
        _request(alice, 5 * WHOLE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_ExceededClaimable.selector, alice, 1));
        queue.withdraw(1, alice, alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_ExceededClaimable.selector, alice, 1));
        queue.redeem(1, alice, alice);
    }

    function test_withdraw__moreThanClaimable__reverts() public {
        _request(alice, 5 * WHOLE);
        queue.fulfil(2 * WHOLE);
        vm.startPrank(alice);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionQueue.RedemptionQueue_ExceededClaimable.selector, alice, 7));
        queue.withdraw(2 * USD + 7, alice, alice);
    }

    function test_redeemAndWithdraw__nothing__payNothing() public {
        assertEq(_redeem(alice, 0) + _withdraw(alice, 0), 0, "nothing");
    }

    /// @dev Rounding up takes all shares while assets remain: they are not lost, and the request stays listed.
    function test_withdraw__roundingTakesAllShares__theRestIsStillThere() public {
        _deposit(bob, 3 * USD);
        _inflate();
        _request(bob, 2 * WHOLE);
        queue.fulfil(type(uint256).max);
        uint256 all = queue.maxWithdraw(bob);
        // One share remains, worth many units.
        _redeem(bob, 2 * WHOLE - 1);
        uint256 left = queue.maxWithdraw(bob);
        assertEq(queue.maxRedeem(bob), 1, "one share");
        assertGe(left, 2, "worth more than a unit");
        assertEq(_withdraw(bob, 1), 1, "takes it");
        assertEq(queue.maxRedeem(bob), 0, "no shares");
        assertEq(queue.batchesOf(bob).length, 1, "not forgotten");
        assertEq(_withdraw(bob, left - 1), 0, "for no share");
        assertEq(queue.batchesOf(bob).length, 0, "forgotten");
        assertEq(usdt.balanceOf(bob), all, "all of it");
    }

    /// @dev Raises the price of a share far above one unit.
    function _inflate() internal {
        usdt.mint(address(vault), 1e30);
    }

    function test_claim__assetsWithoutShares__paysThem() public {
        _deposit(bob, 3 * USD);
        _inflate();
        _request(bob, 2 * WHOLE);
        queue.fulfil(type(uint256).max);
        _redeem(bob, 2 * WHOLE - 1);
        _withdraw(bob, 1);
        (uint256 shares, uint256 assets) = _claim(bob, 1);
        assertEq(shares, 0, "no shares");
        assertGe(assets, 1, "assets");
    }

    /// @dev The last claim includes the remainder that rounding kept back from the first.
    function test_redeem__lastShare__bringsTheRemainder() public {
        _invest();
        _request(alice, WHOLE);
        queue.fulfil(type(uint256).max);
        assertEq(_redeem(alice, WHOLE - 1), USD - 1, "all but one");
        assertEq(_redeem(alice, 1), 1, "the remainder comes with the last");
        assertEq(queue.batchesOf(alice).length, 0, "forgotten");
    }

    function test_redeem__sixteenBatches__boundedGas() public {
        for (uint256 i = 0; i < 16; ++i) {
            _request(alice, 10 * WHOLE);
            queue.fulfil(type(uint256).max);
        }
        uint256 spent = gasleft();
        _redeem(alice, 160 * WHOLE);
        assertLe(spent - gasleft(), 1_000_000, "gas");
        assertEq(usdt.balanceOf(alice), 160 * USD, "paid");
    }

    /// @dev A/D41 for one batch: five members, with any parts, prices and claims in between. No one receives more than
    /// its part, or less by more than the rounding, and the queue pays at most the amount that it received.
    function testFuzz_claims__parts__proRataAndCovered(uint256[5] memory asked, uint256[4] memory parts, uint256 seed)
        public
    {
        _invest();
        uint256 total = _members(asked);
        uint256 received = 0;
        for (uint256 i = 0; i < parts.length && queue.pendingShares() != 0; ++i) {
            uint256 part = i == 3 ? type(uint256).max : bound(parts[i], WHOLE, total);
            (, uint256 assets) = queue.fulfil(part);
            received += assets;
            uint256 who = (seed >> (8 * i)) % MEMBERS;
            if (queue.claimableRedeemRequest(1, _member(who)) != 0) _claim(_member(who), 1);
            _lose((seed >> (16 * i)) % 500);
        }
        uint256 paid = 0;
        for (uint256 i = 0; i < MEMBERS; ++i) {
            if (queue.batchesOf(_member(i)).length != 0) _claim(_member(i), 1);
            uint256 got = usdt.balanceOf(_member(i));
            assertEq(got, asked[i] * received / total, "its part, rounded down");
            paid += got;
        }
        assertLe(paid, received, "no more than there was");
        assertGe(paid + MEMBERS, received, "dust only remains");
        assertEq(usdt.balanceOf(address(queue)), received - paid, "the dust");
        assertEq(queue.batchOf(1).fulfilled, total, "all of it");
    }

    /// @dev All ways of claiming give the same total.
    function testFuzz_redeemOrWithdraw__anySteps__giveWhatClaimGives(uint256 shares, uint256[6] memory steps) public {
        _invest();
        shares = bound(shares, WHOLE, 50_000 * WHOLE);
        _request(alice, shares);
        _lose(331);
        (, uint256 received) = queue.fulfil(type(uint256).max);
        for (uint256 i = 0; i < steps.length; ++i) {
            uint256 most = queue.maxRedeem(alice);
            uint256 worth = queue.maxWithdraw(alice);
            if (i % 2 == 0) assertLe(_redeem(alice, bound(steps[i], 0, most)), worth, "assets");
            else assertLe(_withdraw(alice, bound(steps[i], 0, worth)), most, "shares");
        }
        if (queue.batchesOf(alice).length != 0) _claim(alice, 1);
        assertEq(usdt.balanceOf(alice), received, "in the end");
    }

    function _members(uint256[5] memory asked) internal returns (uint256 total) {
        for (uint256 i = 0; i < MEMBERS; ++i) {
            asked[i] = bound(asked[i], WHOLE, 20_000 * WHOLE);
            vm.prank(alice);
            vault.transfer(_member(i), asked[i]);
            _request(_member(i), asked[i]);
            total += asked[i];
        }
    }

    function _member(uint256 i) internal pure returns (address) {
        return address(uint160(0xF00D + i));
    }
}
