// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {FlashDepositor} from "../doubles/FlashDepositor.sol";
import {ReenteringVenue, ThievingVenue, UnderDeliveringVenue} from "../doubles/HostileVenues.sol";
import {Strategy} from "../doubles/Strategy.sol";
import {System} from "../support/System.sol";

/// @title Attacks with a stolen keeper key
contract StolenKeeperKeyTest is System {
    address private immutable thief = keeper;

    /// @dev Invests in the test, not in `setUp`, where the deposit is in the same transaction and does not count.
    modifier invested() {
        _invest();
        _;
    }

    function test_thief__asksCustodyDirectly__isRefused() public invested {
        vm.startPrank(thief);
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotController.selector, thief));
        vault.pay(thief, 1);
        vm.expectRevert(_error(ILiquidityVault.LiquidityVault_NotController.selector, thief));
        vault.supply(IERC4626(address(marketA)), 1, thief);
        vm.expectRevert(_error(IPortfolio.Portfolio_NotOperator.selector, thief));
        l3.sell(address(weth), 1, 0, "");
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        l3.setOperator(thief, true);
        vm.expectRevert(_error(IAccessManaged.AccessManagedUnauthorized.selector, thief));
        vault.setController(thief);
    }

    function test_thief__ownStrategyAsAsset__isUnknown() public invested {
        Strategy trap = new Strategy(address(usdt), "TRAP");
        vm.startPrank(thief);
        vm.expectRevert(_error(IAssetController.AssetController_UnknownAsset.selector, address(trap)));
        controller.purchaseAsset(address(trap), 1_000 * USD, 0, "");
    }

    function test_thief__venueThatKeepsTheMoney__losesItsHaul() public invested {
        ThievingVenue bribed = new ThievingVenue(address(oracle));
        l3.setHoldings(_yields(address(bribed)));
        vm.startPrank(thief);
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        controller.purchaseAsset(address(weth), 30_000 * USD, 0, "");
        vm.expectPartialRevert(IPortfolio.Portfolio_BelowFloor.selector);
        controller.redeemAsset(address(weth), 10e18, 0, "");
        assertEq(usdt.balanceOf(address(bribed)), 0, "haul");
        assertEq(weth.balanceOf(address(bribed)), 0, "haul");
    }

    /// @dev One action loses at most its bound. Many actions can lose it many times; rate limits bound the total.
    function test_thief__venueAtTheEdgeOfTheBound__losesOnePercentOfTheAction() public invested {
        _underDeliver(100);
        vm.startPrank(thief);
        controller.purchaseAsset(address(weth), 30_000 * USD, 0, "");
        assertEq(DEPOSIT - vault.totalAssets(), 300 * USD, "lost");
        _underDeliver(101);
        vm.startPrank(thief);
        vm.expectPartialRevert(IAssetController.AssetController_ExcessiveLoss.selector);
        controller.purchaseAsset(address(weth), 10_000 * USD, 0, "");
    }

    function test_thief__drainsL1__stopsAtTheMinimum() public invested {
        vm.startPrank(thief);
        controller.purchaseAsset(address(fund), 50_000 * USD, 0, "");
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        controller.purchaseAsset(address(fund), 1 * USD, 0, "");
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        controller.allocateToLayer(1, 1 * USD);
    }

    function test_thief__borrowedDeposit__widensNoBand() public invested {
        vm.prank(thief);
        controller.purchaseAsset(address(fund), 50_000 * USD, 0, "");
        FlashDepositor flash = new FlashDepositor(vault);
        _allowNow(address(flash));
        // The deposit counts neither as cash nor in the total.
        vm.expectPartialRevert(IAssetController.AssetController_BelowMinimumIdle.selector);
        flash.purchase(DEPOSIT, address(fund), 1 * USD);
    }

    function test_thief__venueReentersTheController__isLocked() public invested {
        ReenteringVenue inside = _reentering();
        _allowNow(address(inside));
        inside.setCall(address(controller), abi.encodeCall(controller.purchaseAsset, (address(fund), 1, 0, "")));
        _buyThrough(inside, IAssetController.AssetController_Locked.selector);
        inside.setCall(address(controller), abi.encodeCall(controller.executeWaterfallLiquidation, (1, 2)));
        _buyThrough(inside, IAssetController.AssetController_Locked.selector);
    }

    function test_thief__venueEntersTheVault__isLocked() public invested {
        ReenteringVenue inside = _reentering();
        bytes4 refusal = ILiquidityVault.LiquidityVault_ControllerLocked.selector;
        inside.setCall(address(vault), abi.encodeCall(vault.deposit, (1, address(inside))));
        _buyThrough(inside, refusal);
        inside.setCall(address(vault), abi.encodeCall(vault.mint, (1, address(inside))));
        _buyThrough(inside, refusal);
        inside.setCall(address(vault), abi.encodeCall(vault.withdraw, (1, address(inside), alice)));
        _buyThrough(inside, refusal);
        inside.setCall(address(vault), abi.encodeCall(vault.redeem, (1, address(inside), alice)));
        _buyThrough(inside, refusal);
    }

    function test_thief__venueReadsTheSharePrice__cannotSeeItHalfWay() public invested {
        ReenteringVenue inside = _reentering();
        bytes4 refusal = IAssetController.AssetController_Locked.selector;
        inside.setCall(address(vault), abi.encodeCall(vault.totalAssets, ()));
        _buyThrough(inside, refusal);
        inside.setCall(address(vault), abi.encodeCall(vault.convertToAssets, (1e12)));
        _buyThrough(inside, refusal);
        inside.setCall(address(controller), abi.encodeCall(controller.tierValues, ()));
        _buyThrough(inside, refusal);
    }

    function test_thief__venueOperatesThePortfolio__isLocked() public invested {
        ReenteringVenue inside = _reentering();
        l3.setOperator(address(inside), true);
        inside.setCall(address(l3), abi.encodeCall(l3.sell, (address(weth), 1e18, 0, "")));
        vm.prank(thief);
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        assertFalse(inside.succeeded(), "sold in between");
    }

    function test_thief__strategyReenters__isLocked() public invested {
        marketA.setCall(address(vault), abi.encodeCall(vault.redeem, (1, address(marketA), alice)));
        vm.prank(thief);
        controller.purchaseAsset(address(marketA), 10_000 * USD, 0, "");
        // The vault is supplying, so its own lock refuses before the controller's lock is read.
        assertTrue(bytes4(marketA.callAnswer()) == ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector, "in");
        vm.prank(thief);
        controller.redeemAsset(address(marketA), 10_000 * USD, 0, "");
        assertTrue(bytes4(marketA.callAnswer()) == ILiquidityVault.LiquidityVault_ControllerLocked.selector, "out");
    }

    function _underDeliver(uint256 missingBps) internal {
        vm.stopPrank();
        l3.setHoldings(_yields(address(new UnderDeliveringVenue(address(oracle), missingBps))));
    }

    function _reentering() internal returns (ReenteringVenue inside) {
        inside = new ReenteringVenue(address(oracle));
        l3.setHoldings(_yields(address(inside)));
    }

    function _buyThrough(ReenteringVenue inside, bytes4 refusal) internal {
        vm.prank(thief);
        controller.purchaseAsset(address(weth), 3_000 * USD, 0, "");
        assertFalse(inside.succeeded(), "got in");
        assertTrue(bytes4(inside.answer()) == refusal, "refusal");
    }
}
