// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Plans} from "../support/Plans.sol";

/// @title Stolen keeper key, and a guardian who uses the kill switch (V12, O1)
/// @notice All actions of the key at the controller: automatic, risk-reducing, and by open and signed plans.
contract RemovedKeeperTest is Plans {
    function setUp() public override {
        super.setUp();
        _openBands();
        _invest();
        controller.raiseLimit(LimitKeys.forAsset(address(fund)), AMPLE, 1, 0);
        vm.warp(block.timestamp + 1);
    }

    function test_removedKeeper__everyEntry__isRefused() public {
        IPlanLedger.Plan memory opened = _planOf(_action(PURCHASE, address(fund), 50_000 * USD, 0, 0));
        _open(opened);
        IPlanLedger.Plan memory signed = _planOf(_action(PURCHASE, address(fund), 50_000 * USD, 0, 0));
        uint256[3] memory state = controller.tierValues();
        bytes[] memory calls = _keeperCalls();
        bytes memory open = abi.encodeCall(controller.openPlan, (signed, state, _signedByBoth(signed)));
        bytes memory execute =
            abi.encodeCall(controller.execute, (opened.header, _leaves(opened), 0, opened.actions[0], ""));

        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, opened.actions[0], "");
        bytes memory executePlan = abi.encodeCall(controller.executePlan, (opened.header, _leaves(opened), steps));

        vm.prank(guardian);
        killSwitch.removeKeeper(keeper);

        for (uint256 i = 0; i < calls.length; ++i) {
            _expectRemoved(calls[i]);
        }
        _expectRemoved(open);
        _expectRemoved(execute);
        _expectRemoved(executePlan);
        // Anyone may claim and revalue.
        controller.sync();

        killSwitch.restoreKeeper(keeper);
        _execute(opened, 0);
    }

    function test_registry__removed__isRefusedWhileOthersGoOn() public {
        address registry = address(0x4E6);
        _allowNow(registry);
        vm.prank(guardian);
        killSwitch.removeKeeper(registry);
        vm.expectRevert(_error(IAssetController.AssetController_KeeperRemoved.selector, registry));
        vm.prank(registry);
        controller.rebalance(true);
        vm.prank(keeper);
        controller.redeemAsset(address(weth), 1e18, 0, "");
    }

    /// Actions that add risk stop and open plans become void; actions that reduce risk continue, in a new epoch.
    function test_pausedEverywhere__controller__stopsWhatAddsRisk() public {
        IPlanLedger.Plan memory plan = _planOf(_action(REDEEM, address(weth), 1e18, 0, 0));
        _open(plan);
        uint32 epoch = controller.epoch();
        vm.prank(guardian);
        killSwitch.pause();
        assertTrue(controller.paused(), "as the keeper reads it");
        assertEq(controller.epoch(), epoch + 1, "epoch");

        vm.startPrank(keeper);
        vm.expectRevert(IAssetController.AssetController_Paused.selector);
        controller.purchaseAsset(address(fund), USD, 0, "");
        vm.expectRevert(IAssetController.AssetController_Paused.selector);
        controller.allocateToLayer(1, USD);
        controller.redeemAsset(address(weth), 1e18, 0, "");
        controller.executeWaterfallLiquidation(vault.idle() + 1_000 * USD, 2);
        vm.stopPrank();
        bytes32[] memory leaves = _leaves(plan);
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherEpoch.selector);
        vm.prank(keeper);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");

        killSwitch.unpause();
        vm.expectPartialRevert(IPlanLedger.PlanLedger_OtherEpoch.selector);
        vm.prank(keeper);
        controller.execute(plan.header, leaves, 0, plan.actions[0], "");
        vm.prank(keeper);
        controller.purchaseAsset(address(fund), USD, 0, "");
    }

    /// The controller can also be paused alone: each pause raises the epoch, and ending one leaves the other in force.
    function test_bothPauses__liftedOneByOne__stopUntilBothAre() public {
        vm.startPrank(guardian);
        controller.pause();
        killSwitch.pause();
        vm.stopPrank();
        assertEq(controller.epoch(), 2, "both");
        killSwitch.unpause();
        assertTrue(controller.paused(), "its own");
        controller.unpause();
        assertFalse(controller.paused(), "none");
    }

    function _keeperCalls() private view returns (bytes[] memory calls) {
        calls = new bytes[](9);
        calls[0] = abi.encodeCall(controller.purchaseAsset, (address(fund), USD, 0, ""));
        calls[1] = abi.encodeCall(controller.redeemAsset, (address(weth), 1e18, 0, ""));
        calls[2] = abi.encodeCall(controller.switchAsset, (address(weth), 1e18, address(fund), 0, "", ""));
        calls[3] = abi.encodeCall(controller.allocateToLayer, (0, USD));
        calls[4] = abi.encodeCall(controller.allocateToLayer, (1, USD));
        calls[5] = abi.encodeCall(controller.rebalanceBuffer, ());
        calls[6] = abi.encodeCall(controller.rebalance, (true));
        calls[7] = abi.encodeCall(controller.executeWaterfallLiquidation, (DEPOSIT, 2));
        IAssetController.Step[] memory steps = new IAssetController.Step[](1);
        steps[0] = IAssetController.Step(0, 0, _action(REDEEM, address(weth), 1e18, 0, 0), "");
        calls[8] = abi.encodeCall(controller.executeActions, (steps));
    }

    function _expectRemoved(bytes memory data) private {
        vm.prank(keeper);
        (bool done, bytes memory answer) = address(controller).call(data);
        assertFalse(done, "refused");
        bytes memory expected = _error(IAssetController.AssetController_KeeperRemoved.selector, keeper);
        assertTrue(keccak256(answer) == keccak256(expected), "since it was removed");
    }
}
