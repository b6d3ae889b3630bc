// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IRateLimits} from "@ballast/interfaces/IRateLimits.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";
import {Portfolio} from "@ballast/portfolio/Portfolio.sol";
import {AssetController} from "@ballast/vault/AssetController.sol";

import {System} from "../support/System.sol";

contract AssetControllerConfigurationTest is System {
    function test_constructor__portfolioTwiceOrForeign__reverts() public {
        bytes4 refusal = IAssetController.AssetController_InvalidPortfolio.selector;
        vm.expectRevert(_error(refusal, address(l2)));
        _newController(address(l2), address(l2));
        address foreign = address(new Portfolio(address(manager), address(usdt), address(oracle), outsider));
        vm.expectRevert(_error(refusal, foreign));
        _newController(address(l2), foreign);
        vm.expectRevert(_error(refusal, address(l2)));
        _controllerWith(outsider, address(planLedger), address(killSwitch));
        address other = address(new Portfolio(address(manager), address(weth), address(oracle), address(vault)));
        vm.expectRevert(_error(refusal, other));
        _newController(other, address(l3));
        vm.expectRevert(_error(IAssetController.AssetController_InvalidLedger.selector, outsider));
        _controllerWith(address(oracle), outsider, address(killSwitch));
        vm.expectRevert(_error(IAssetController.AssetController_InvalidKillSwitch.selector, outsider));
        _controllerWith(address(oracle), address(planLedger), outsider);
    }

    function test_constructor__fitting__hasDefaults() public view {
        uint16[14] memory bounds = controller.bounds();
        uint16[14] memory expected =
            [uint16(500), 1_000, 2_000, 2_000, 3_000, 4_000, 5_000, 6_000, 7_000, 100, 8_000, 100, 1_800, 14_400];
        for (uint256 i = 0; i < 14; ++i) {
            assertEq(bounds[i], expected[i], "bound");
        }
        assertEq(controller.dualApprovalAbove(), 200_000 * USD, "two approvals");
        assertEq(controller.vault(), address(vault), "vault");
        assertEq(controller.oracle(), address(oracle), "oracle");
        assertEq(controller.ledger(), address(planLedger), "ledger");
    }

    function test_configuration__othersThanConfigurator__revert() public {
        address[3] memory callers = [outsider, keeper, guardian];
        uint16[14] memory bounds = controller.bounds();
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refusal = _error(IAccessManaged.AccessManagedUnauthorized.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            controller.raiseLimit(LimitKeys.automatic(callers[i]), 1, 1, 0);
            vm.expectRevert(refusal);
            controller.setBounds(bounds);
            vm.expectRevert(refusal);
            controller.raiseDualApproval(1);
            vm.expectRevert(refusal);
            controller.unpause();
            vm.stopPrank();
        }
    }

    function test_configuration__othersThanGuardian__revert() public {
        address[2] memory callers = [outsider, keeper];
        uint16[14] memory bounds = controller.bounds();
        for (uint256 i = 0; i < callers.length; ++i) {
            bytes memory refusal = _error(IAccessManaged.AccessManagedUnauthorized.selector, callers[i]);
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            controller.pause();
            vm.expectRevert(refusal);
            controller.tightenBounds(bounds);
            vm.expectRevert(refusal);
            controller.lowerDualApproval(0);
            vm.expectRevert(refusal);
            controller.lowerLimit(LimitKeys.automatic(keeper), 0, 1);
            vm.expectRevert(refusal);
            controller.cancelPlan(bytes32(0));
            vm.expectRevert(refusal);
            controller.voidNonce(keeper, 0);
            vm.stopPrank();
        }
    }

    function test_pause__guardian__onlyConfiguratorResumes() public {
        vm.startPrank(guardian);
        vm.expectEmit(address(controller));
        emit IAssetController.Paused(guardian, 1);
        controller.pause();
        vm.expectRevert(IAssetController.AssetController_Paused.selector);
        controller.pause();
        vm.stopPrank();
        assertTrue(controller.paused(), "paused");
        assertEq(controller.epoch(), 1, "epoch");
        vm.prank(alice);
        vault.withdraw(1 * USD, alice, alice);
        vm.expectEmit(address(controller));
        emit IAssetController.Unpaused(address(this));
        controller.unpause();
        assertFalse(controller.paused(), "resumed");
        assertEq(controller.epoch(), 1, "epoch");
        vm.expectRevert(IAssetController.AssetController_NotPaused.selector);
        controller.unpause();
    }

    function test_setBounds__unsound__reverts() public {
        _refuses(IAssetController.Bound.MinL1, 1_001);
        _refuses(IAssetController.Bound.MaxL1, 999);
        _refuses(IAssetController.Bound.MaxL3, 10_001);
        _refuses(IAssetController.Bound.TargetL1, 1_001);
        _refuses(IAssetController.Bound.MaxLoss, 0);
        _refuses(IAssetController.Bound.MaxLoss, 1_001);
        _refuses(IAssetController.Bound.MaxDue, 0);
        _refuses(IAssetController.Bound.MaxDue, 10_001);
        _refuses(IAssetController.Bound.MaxMove, 10_001);
        _refuses(IAssetController.Bound.MaxBookAge, 0);
        _refuses(IAssetController.Bound.MaxPlanLife, 0);
    }

    function test_setBounds__sound__emits() public {
        uint16[14] memory bounds = controller.bounds();
        (bounds[0], bounds[9], bounds[11]) = (0, 1_000, 0);
        vm.expectEmit(address(controller));
        emit IAssetController.BoundsSet(bounds);
        controller.setBounds(bounds);
        assertEq(_bound(IAssetController.Bound.MaxLoss), 1_000, "loss");
    }

    function test_tightenBounds__guardian__onlyTighter() public {
        for (uint256 i = 0; i < 14; ++i) {
            // Targets may move inside the band, as long as their sum is the whole.
            if (i == 1 || i == 4 || i == 7) continue;
            uint16[14] memory bounds = controller.bounds();
            bool isMinimum = i == 0 || i == 3 || i == 6;
            bounds[i] = isMinimum ? bounds[i] - 1 : bounds[i] + 1;
            vm.expectRevert(IAssetController.AssetController_NotTighter.selector);
            vm.prank(guardian);
            controller.tightenBounds(bounds);
            bounds[i] = isMinimum ? bounds[i] + 2 : bounds[i] - 2;
            (bounds[1], bounds[4]) = (bounds[1] + 1, bounds[4] - 1);
            vm.expectEmit(address(controller));
            emit IAssetController.BoundsSet(bounds);
            vm.prank(guardian);
            controller.tightenBounds(bounds);
        }
    }

    function test_dualApproval__guardianOnlyLowers() public {
        vm.startPrank(guardian);
        vm.expectRevert(IAssetController.AssetController_NotTighter.selector);
        controller.lowerDualApproval(200_000 * USD);
        vm.expectEmit(address(controller));
        emit IAssetController.DualApprovalSet(100_000 * USD);
        controller.lowerDualApproval(100_000 * USD);
        vm.stopPrank();
        assertEq(controller.approvalsFor(100_000 * USD), 1, "at the threshold");
        assertEq(controller.approvalsFor(100_000 * USD + 1), 2, "above");
        controller.raiseDualApproval(200_000 * USD);
        assertEq(controller.approvalsFor(200_000 * USD), 1, "raised");
    }

    function test_views__tiers__areThree() public {
        assertEq(controller.portfolio(0), address(0), "L1");
        assertEq(controller.portfolio(1), address(l2), "L2");
        assertEq(controller.portfolio(2), address(l3), "L3");
        vm.expectRevert(abi.encodeWithSelector(IAssetController.AssetController_UnknownTier.selector, 3));
        controller.portfolio(3);
        assertEq(controller.tierOf(address(marketA)), 1, "market");
        assertEq(controller.tierOf(address(weth)), 2, "WETH");
        vm.expectRevert(_error(IAssetController.AssetController_UnknownAsset.selector, outsider));
        controller.tierOf(outsider);
    }

    function _refuses(IAssetController.Bound which, uint16 value) internal {
        uint16[14] memory bounds = controller.bounds();
        bounds[uint256(which)] = value;
        vm.expectRevert(IAssetController.AssetController_InvalidBounds.selector);
        controller.setBounds(bounds);
    }

    function _controllerWith(address oracle_, address ledger_, address killSwitch_) private returns (AssetController) {
        return
            new AssetController(
                address(manager), address(vault), address(l2), address(l3), oracle_, ledger_, killSwitch_
            );
    }
}
