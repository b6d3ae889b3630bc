// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {ILiquidityVault} from "@ballast/interfaces/ILiquidityVault.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

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

    /// @dev The bounds of one action hold for each step; several in one call are no way around them.
    function test_thief__manyStepsInOneCall__keepEachBound() public invested {
        _underDeliver(100);
        IAssetController.Step[] memory steps = new IAssetController.Step[](4);
        steps[0] = _step(0, 1, address(weth), 30_000 * USD);
        steps[1] = _step(1, 1, address(fund), 30_000 * USD);
        steps[2] = _step(2, 2, address(weth), 10e18);
        steps[3] = _step(3, 1, address(weth), 10_000 * USD);
        vm.prank(thief);
        assertEq(controller.executeActions(steps), 13, "not the one below L1's minimum");
        assertEq(DEPOSIT - vault.totalAssets(), 700 * USD, "a hundredth of each");
        _underDeliver(101);
        vm.prank(thief);
        assertEq(controller.executeActions(steps), 2, "none through a venue that keeps more");
        assertEq(DEPOSIT - vault.totalAssets(), 700 * USD, "no more");
    }

    /// @dev Limits add up over the steps of a call.
    function test_thief__manyStepsInOneCall__haveOneLimit() public invested {
        vm.prank(guardian);
        controller.lowerLimit(LimitKeys.automatic(thief), 20_000 * USD, 1 days);
        IAssetController.Step[] memory steps = new IAssetController.Step[](4);
        for (uint8 i = 0; i < 4; ++i) {
            steps[i] = _step(i, 1, address(fund), 8_000 * USD);
        }
        vm.prank(thief);
        assertEq(controller.executeActions(steps), 3, "two of four");
        assertEq(fund.balanceOf(address(l3)), 196_000 * USD, "fund");
    }

    /// @dev Nobody but the controller runs a step, with whatever state and approvals.
    function test_thief__runsAStepItself__isRefused() public invested {
        IAssetController.Run memory run;
        run.keeper = thief;
        run.book.value3 = type(uint96).max;
        IAssetController.Step memory step = _step(0, 2, address(weth), 10e18);
        vm.prank(thief);
        vm.expectRevert(_error(IAssetController.AssetController_NotSelf.selector, thief));
        controller.runStep(run, 2, step.action, "");
    }

    /// @dev A run at the end of the call data of its own is data that nobody reads: the controller appends another.
    function test_thief__appendsARun__isIgnored() public invested {
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = _step(0, 1, address(fund), 60_000 * USD);
        IAssetController.Run memory run;
        (run.keeper, run.idle, run.book.value3) = (guardian, type(uint128).max, 1);
        bytes memory call = abi.encodeCall(controller.executeActions, (steps));
        vm.prank(thief);
        (bool ran, bytes memory answer) = address(controller).call(abi.encodePacked(call, abi.encode(run)));
        assertTrue(ran, "ran");
        assertEq(abi.decode(answer, (uint64)), 0, "below L1's minimum");
        (uint256[3] memory values,) = controller.bookValues();
        assertEq(values[2], 600_000 * USD, "the book");
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

    function _step(uint8 index, uint8 verb, address asset, uint256 amount)
        internal
        pure
        returns (IAssetController.Step memory)
    {
        return IAssetController.Step(index, 0, IPlanLedger.Action(verb, asset, amount, 0, keccak256(""), 0), "");
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
