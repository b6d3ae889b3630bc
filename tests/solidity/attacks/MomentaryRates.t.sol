// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {System} from "../support/System.sol";

/// @title Payment of others while a rate is too low for a moment
/// @notice A fund reports a value of 0 during an internal operation. Remaining holders would gain if the queue were
/// paid at that moment, so no one can pay it then.
/// forge-config: default.isolate = true
contract MomentaryRatesTest is System {
    address private constant BOB = address(0xB0B);

    uint256 private shares;

    function setUp() public override {
        super.setUp();
        _deposit(BOB, DEPOSIT);
        _openBands();
        vm.startPrank(keeper);
        controller.purchaseAsset(address(marketA), 600_000 * USD, 0, "");
        controller.purchaseAsset(address(fund), 600_000 * USD, 0, "");
        vm.stopPrank();
        shares = vault.balanceOf(alice) / 2;
        vm.prank(alice);
        queue.requestRedeem(shares, alice, alice);
        vm.warp(block.timestamp + 8 days);
    }

    function test_zeroForAMoment__nobodyIsServed() public {
        _answerNothing();
        bytes memory refusal = abi.encodeWithSelector(IPortfolio.Portfolio_RateBelowMinimum.selector, address(fund));
        vm.startPrank(BOB);
        vm.expectRevert(refusal);
        controller.redemptionValue();
        vm.expectRevert(refusal);
        queue.serveOverdue(16);
        vm.expectRevert(refusal);
        queue.fulfil(shares);
        vm.stopPrank();
        vm.clearMockedCalls();
        (uint256 served, uint256 paid) = queue.serveOverdue(16);
        assertEq(served, shares, "all");
        assertGe(paid, DEPOSIT / 2 - 1, "at the price of before");
    }

    function test_zeroForAMoment__ownersMayLeaveAtIt() public {
        _answerNothing();
        vm.prank(BOB);
        vault.withdraw(1_000 * USD, BOB, BOB);
        assertEq(usdt.balanceOf(BOB), 1_000 * USD, "withdrawn");
    }

    function test_zeroForGood__servedAfterTheMark() public {
        _answerNothing();
        _markDown(l3, address(fund), 0);
        (uint256 served,) = queue.serveOverdue(16);
        assertEq(served, shares, "served at what is left");
    }

    function test_redemptionValue__soundOrMarkedDown__isTheStrictValue() public {
        assertEq(l3.redemptionValue(), l3.value(), "sound");
        _markDown(l3, address(fund), 5_000);
        assertEq(l3.redemptionValue(), l3.value(), "marked down");
        assertEq(controller.redemptionValue(), controller.deployedValue(), "both tiers");
    }

    function _answerNothing() private {
        vm.mockCall(address(fund), abi.encodePacked(fund.previewRedeem.selector), abi.encode(0));
    }
}
