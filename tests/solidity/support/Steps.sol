// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "@ballast/interfaces/IAssetController.sol";
import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";
import {LimitKeys} from "@ballast/libraries/LimitKeys.sol";

import {Plans} from "./Plans.sol";
import {Vm} from "./Vm.sol";

/// @title Calls of several actions, and what their events report
abstract contract Steps is Plans {
    struct Failure {
        bytes32 planHash;
        uint8 index;
        bytes reason;
    }

    function setUp() public virtual override {
        super.setUp();
        address[5] memory assets = [address(weth), address(bond), address(fund), address(marketA), address(marketB)];
        for (uint256 i = 0; i < assets.length; ++i) {
            controller.raiseLimit(LimitKeys.forAsset(assets[i]), AMPLE, 1, 0);
        }
        vm.warp(block.timestamp + 1);
    }

    /// @dev Steps for the actions, each with the default gas and without data.
    function _stepsOf(IPlanLedger.Action[] memory actions)
        internal
        pure
        returns (IAssetController.Step[] memory steps)
    {
        steps = new IAssetController.Step[](actions.length);
        for (uint8 i = 0; i < actions.length; ++i) {
            steps[i] = IAssetController.Step(i, 0, actions[i], "");
        }
    }

    /// @dev The steps of a plan whose bits are set.
    function _stepsIn(IPlanLedger.Plan memory plan, uint64 mask)
        internal
        pure
        returns (IAssetController.Step[] memory steps)
    {
        IAssetController.Step[] memory all = _stepsOf(plan.actions);
        uint256 count = 0;
        for (uint256 i = 0; i < all.length; ++i) {
            if (mask >> i & 1 != 0) all[count++] = all[i];
        }
        steps = new IAssetController.Step[](count);
        for (uint256 i = 0; i < count; ++i) {
            steps[i] = all[i];
        }
    }

    function _executePlan(IPlanLedger.Plan memory plan) internal returns (uint64) {
        return _executePlan(plan, _stepsOf(plan.actions));
    }

    function _executePlan(IPlanLedger.Plan memory plan, IAssetController.Step[] memory steps)
        internal
        returns (uint64)
    {
        bytes32[] memory leaves = _leaves(plan);
        vm.recordLogs();
        vm.prank(keeper);
        return controller.executePlan(plan.header, leaves, steps);
    }

    function _executeActions(IAssetController.Step[] memory steps) internal returns (uint64) {
        vm.recordLogs();
        vm.prank(keeper);
        return controller.executeActions(steps);
    }

    function _executeActions(IPlanLedger.Action[] memory actions) internal returns (uint64) {
        return _executeActions(_stepsOf(actions));
    }

    function _planRefused(IPlanLedger.Plan memory plan, IAssetController.Step[] memory steps, bytes memory refusal)
        internal
    {
        bytes32[] memory leaves = _leaves(plan);
        vm.expectRevert(refusal);
        vm.prank(keeper);
        controller.executePlan(plan.header, leaves, steps);
    }

    function _doneOf(IPlanLedger.Plan memory plan) internal view returns (uint64) {
        return planLedger.statusOf(address(controller), planLedger.hashOf(plan)).done;
    }

    /// @dev Steps that failed in the last call, by the controller's events since `vm.recordLogs`.
    function _failures() internal returns (Failure[] memory list) {
        return _failuresIn(vm.getRecordedLogs());
    }

    function _failuresIn(Vm.Log[] memory logs) internal view returns (Failure[] memory list) {
        list = new Failure[](logs.length);
        uint256 count = 0;
        for (uint256 i = 0; i < logs.length; ++i) {
            bool failed =
                logs[i].emitter == address(controller) && logs[i].topics[0] == IAssetController.ActionFailed.selector;
            if (!failed) continue;
            (list[count].index, list[count].reason) = abi.decode(logs[i].data, (uint8, bytes));
            list[count++].planHash = logs[i].topics[1];
        }
        assembly ("memory-safe") {
            mstore(list, count)
        }
    }

    /// @dev One step failed in the last call, for this reason.
    function _assertFailed(bytes32 planHash, uint8 index, bytes memory reason) internal {
        Failure[] memory failures = _failures();
        assertEq(failures.length, 1, "number of failures");
        _assertFailure(failures[0], planHash, index, reason);
    }

    function _assertFailure(Failure memory failure, bytes32 planHash, uint8 index, bytes memory reason) internal pure {
        assertTrue(failure.planHash == planHash, "plan of the failure");
        assertEq(failure.index, index, "index of the failure");
        assertTrue(keccak256(failure.reason) == keccak256(reason), "reason of the failure");
    }

    /// @dev One step failed in the last call, with this error.
    function _assertFailedWith(uint8 index, bytes4 selector) internal {
        Failure[] memory failures = _failures();
        assertEq(failures.length, 1, "number of failures");
        assertEq(failures[0].index, index, "index of the failure");
        assertTrue(bytes4(failures[0].reason) == selector, "error of the failure");
    }

    function _booked() internal view returns (uint256[3] memory values) {
        (values,) = controller.bookValues();
    }

    function _limitLeft(bytes32 key) internal view returns (uint256) {
        return controller.available(key);
    }
}
