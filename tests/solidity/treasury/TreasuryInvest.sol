// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {ITreasury} from "@ballast/interfaces/ITreasury.sol";
import {ITreasuryLens} from "@ballast/interfaces/ITreasuryLens.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Strategy} from "../doubles/Strategy.sol";
import {World} from "./World.sol";

abstract contract TreasuryInvestTest is World {
    bytes32 private constant ID = "transfer";
    uint256 private constant AMOUNT = 10_000 * USD;

    function test_invest__listed__holdsTheShares() public {
        vm.expectEmit(address(a.treasury));
        emit ITreasury.Invested(ID, address(a.market), keeper, AMOUNT, AMOUNT);
        assertEq(_invest(ID, AMOUNT), AMOUNT, "shares");
        assertEq(a.usdc.allowance(address(a.treasury), address(a.market)), 0, "allowance");
        (uint256 idle, uint256 invested) = lens.balancesOf(address(a.treasury), USDC);
        assertEq(idle, STOCK - AMOUNT, "idle");
        assertEq(invested, AMOUNT, "invested");
        ITreasuryLens.Position memory position = lens.positionsOf(address(a.treasury), USDC)[0];
        assertEq(position.venue, address(a.market), "venue");
        assertEq(position.shares, AMOUNT, "shares");
        assertEq(position.withdrawable, AMOUNT, "withdrawable");
        assertEq(a.treasury.legsOf(ID).invested, START, "leg");
    }

    function test_invest__twice__isOnce() public {
        _invest(ID, AMOUNT);
        _refuseInvest(abi.encodeWithSelector(ITreasury.Treasury_LegDone.selector, ID, ITreasury.Leg.Invested));
        _invest("other", AMOUNT);
    }

    function test_invest__pausedOrClosed__reverts() public {
        vm.prank(guardian);
        a.treasury.pause();
        _refuseInvest(abi.encodeWithSelector(ITreasury.Treasury_Paused.selector));
        a.treasury.unpause();
        vm.prank(guardian);
        a.treasury.closeVenue(address(a.market));
        _refuseInvest(abi.encodeWithSelector(ITreasury.Treasury_VenueClosed.selector, a.market));
    }

    function test_invest__unlisted__reverts() public {
        Strategy other = new Strategy(address(a.usdc), "OTHER");
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_UnknownVenue.selector, other);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest(ID, address(other), AMOUNT, 0);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.divest(ID, address(other), AMOUNT, AMOUNT);
    }

    function test_invest__nothing__reverts() public {
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_ZeroAmount.selector);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest(ID, address(a.market), 0, 0);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.divest(ID, address(a.market), 0, 0);
    }

    function test_invest__aboveTheBand__needsAPlan() public {
        _invest(ID, 50_000 * USD);
        bytes memory reason = abi.encodeWithSelector(ITreasury.Treasury_NeedsPlan.selector, 50_000 * USD + 1, 1);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest("other", address(a.market), 50_000 * USD + 1, 0);
    }

    function test_invest__limits__areConsumed() public {
        (bytes32 mine, bytes32 venue) = (LimitKeys.automatic(keeper), LimitKeys.forAsset(address(a.market)));
        uint256 before = a.treasury.available(mine);
        _invest(ID, AMOUNT);
        assertEq(a.treasury.available(mine), before - AMOUNT, "keeper's");
        vm.prank(guardian);
        a.treasury.lowerLimit(venue, AMOUNT - 1, 1);
        bytes memory reason =
            abi.encodeWithSelector(IRateLimits.RateLimits_Exceeded.selector, venue, AMOUNT, AMOUNT - 1);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest("other", address(a.market), AMOUNT, 0);
    }

    function test_invest__venueCheats__reverts() public {
        a.market.setMood(Strategy.Mood.TakesLess, 1);
        uint256 less = AMOUNT - 1 * USD;
        _refuseInvest(abi.encodeWithSelector(ITreasury.Treasury_OtherAmount.selector, a.market, less, AMOUNT));
        a.market.setMood(Strategy.Mood.Skims, 20);
        vm.prank(keeper);
        vm.expectPartialRevert(ITreasury.Treasury_ExcessiveLoss.selector);
        a.treasury.invest(ID, address(a.market), AMOUNT, 0);
        a.market.setMood(Strategy.Mood.Skims, 5);
        _invest(ID, AMOUNT);
    }

    function test_invest__fewerShares__reverts() public {
        bytes memory reason =
            abi.encodeWithSelector(ITreasury.Treasury_OtherShares.selector, a.market, AMOUNT, AMOUNT + 1);
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest(ID, address(a.market), AMOUNT, AMOUNT + 1);
    }

    function test_invest__venueCallsBack__isRefused() public {
        bytes memory call = abi.encodeCall(ITreasury.divest, ("other", address(a.market), 1, 1));
        a.market.setCall(address(a.treasury), call);
        _invest(ID, AMOUNT);
        assertFalse(a.market.callSucceeded(), "locked");
        bytes4 reason = bytes4(a.market.callAnswer());
        assertTrue(reason == bytes4(keccak256("ReentrancyGuardReentrantCall()")), "by the lock");
    }

    function test_divest__pausedAndClosed__goesOn() public {
        _invest(ID, AMOUNT);
        vm.prank(guardian);
        a.treasury.pause();
        vm.prank(guardian);
        a.treasury.closeVenue(address(a.market));
        vm.expectEmit(address(a.treasury));
        emit ITreasury.Divested(ID, address(a.market), keeper, AMOUNT, AMOUNT);
        _divest(ID, AMOUNT, AMOUNT);
        assertEq(a.usdc.balanceOf(address(a.treasury)), STOCK, "idle");
        assertEq(a.treasury.legsOf(ID).divested, START, "leg");
    }

    function test_divest__twice__isOnce() public {
        _invest(ID, AMOUNT);
        _divest(ID, 1, 1);
        _refuseDivest(1, 1, abi.encodeWithSelector(ITreasury.Treasury_LegDone.selector, ID, ITreasury.Leg.Divested));
    }

    /// @notice R8: daily loss by a thief who divests, with the default numbers of docs/reference/treasury.md.
    function test_divest__aDayOfAThief__losesNoMoreThanDocumented() public {
        uint256 daily = 500_000 * USD;
        Strategy venue = new Strategy(address(a.usdc), "COSTLY");
        a.treasury.setVenue(address(venue), ITreasury.Venue(USDC, true, 10));
        a.usdc.mint(address(this), 1_001_000_000 * USD);
        a.usdc.approve(address(venue), type(uint256).max);
        venue.deposit(1_000_000 * USD, address(a.treasury));
        // Many other holders, so that our loss does not return through the share price.
        venue.deposit(1_000_000_000 * USD, address(this));
        venue.setMood(Strategy.Mood.BurnsShares, 9);
        vm.prank(guardian);
        a.treasury.lowerLimit(LimitKeys.derisk(keeper), daily, 1 days);
        uint256 before = _wealth(venue);
        vm.startPrank(keeper);
        a.treasury.divest("full", address(venue), 499_000 * USD, type(uint256).max);
        vm.warp(block.timestamp + 1 days);
        a.treasury.divest("filled", address(venue), 499_000 * USD, type(uint256).max);
        vm.stopPrank();
        uint256 lost = before - _wealth(venue);
        assertGe(lost, 890 * USD, "far more than the fees of lanes");
        assertLe(lost, 1_000 * USD, "no more than documented");
    }

    function test_divest__limit__isTheKeepers() public {
        _invest(ID, AMOUNT);
        bytes32 key = LimitKeys.derisk(keeper);
        vm.prank(guardian);
        a.treasury.lowerLimit(key, AMOUNT - 1, 1);
        bytes4 selector = IRateLimits.RateLimits_Exceeded.selector;
        _refuseDivest(AMOUNT, AMOUNT, abi.encodeWithSelector(selector, key, AMOUNT, AMOUNT - 1));
        _divest(ID, AMOUNT - 1, AMOUNT - 1);
    }

    function test_divest__venueCheats__reverts() public {
        _invest(ID, AMOUNT);
        // Another holder is needed, or the loss would return through the share price.
        a.usdc.mint(address(this), STOCK);
        a.usdc.approve(address(a.market), STOCK);
        a.market.deposit(STOCK, outsider);
        _refuseDivest(100, 99, abi.encodeWithSelector(ITreasury.Treasury_OtherShares.selector, a.market, 100, 99));
        a.market.setMood(Strategy.Mood.BurnsShares, 100);
        vm.prank(keeper);
        vm.expectPartialRevert(ITreasury.Treasury_ExcessiveLoss.selector);
        a.treasury.divest(ID, address(a.market), AMOUNT / 2, AMOUNT);
        a.market.setMood(Strategy.Mood.Skims, 1);
        vm.prank(keeper);
        vm.expectPartialRevert(ITreasury.Treasury_OtherAmount.selector);
        a.treasury.divest(ID, address(a.market), AMOUNT / 2, AMOUNT);
    }

    /// @dev An earlier loss is not attributed to the withdrawal.
    function test_divest__afterALoss__goesOn() public {
        _invest(ID, AMOUNT);
        a.market.lose(AMOUNT / 10);
        _divest(ID, AMOUNT / 2, AMOUNT);
    }

    function _wealth(Strategy venue) private view returns (uint256) {
        address treasury = address(a.treasury);
        return a.usdc.balanceOf(treasury) + venue.convertToAssets(venue.balanceOf(treasury));
    }

    function _invest(bytes32 id, uint256 amount) private returns (uint256) {
        vm.prank(keeper);
        return a.treasury.invest(id, address(a.market), amount, 0);
    }

    function _divest(bytes32 id, uint256 amount, uint256 maxShares) private {
        vm.prank(keeper);
        a.treasury.divest(id, address(a.market), amount, maxShares);
    }

    function _refuseInvest(bytes memory reason) private {
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.invest(ID, address(a.market), AMOUNT, 0);
    }

    function _refuseDivest(uint256 amount, uint256 maxShares, bytes memory reason) private {
        vm.prank(keeper);
        vm.expectRevert(reason);
        a.treasury.divest(ID, address(a.market), amount, maxShares);
    }
}
