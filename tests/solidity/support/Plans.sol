// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "@ballast/interfaces/IPlanLedger.sol";

import {System} from "./System.sol";

interface SignerVm {
    function sign(uint256 key, bytes32 digest) external pure returns (uint8 v, bytes32 r, bytes32 s);
    function addr(uint256 key) external pure returns (address);
}

/// @title Plans for the controller, and two people who approve them
abstract contract Plans is System {
    SignerVm private constant signer = SignerVm(address(vm));
    /// @dev Private keys; the account of the second is the lower one.
    uint256 internal constant BOB = 1;
    uint256 internal constant ANN = 2;
    uint8 internal constant PURCHASE = 1;
    uint8 internal constant REDEEM = 2;

    uint256 private nonce;

    function setUp() public virtual override {
        super.setUp();
        planLedger.raiseApprover(signer.addr(ANN), 1);
        planLedger.raiseApprover(signer.addr(BOB), 1);
    }

    function _action(uint8 verb, address asset, uint256 amount, uint256 minOut, uint64 dependsOn)
        internal
        pure
        returns (IPlanLedger.Action memory)
    {
        return IPlanLedger.Action(verb, asset, amount, minOut, keccak256(""), dependsOn);
    }

    function _planOf(IPlanLedger.Action memory action) internal returns (IPlanLedger.Plan memory) {
        IPlanLedger.Action[] memory actions = new IPlanLedger.Action[](1);
        actions[0] = action;
        return _plan(actions);
    }

    /// @dev Returns a plan made from the current values of the tiers.
    function _plan(IPlanLedger.Action[] memory actions) internal returns (IPlanLedger.Plan memory plan) {
        plan.header = IPlanLedger.Header({
            consumer: address(controller),
            keeper: keeper,
            nonce: nonce++,
            deadline: uint40(block.timestamp + 4 hours),
            epoch: controller.epoch(),
            preState: keccak256(abi.encode(controller.tierValues()))
        });
        plan.actions = actions;
    }

    function _signedBy(IPlanLedger.Plan memory plan, uint256 key)
        internal
        view
        returns (IPlanLedger.Signature[] memory list)
    {
        list = new IPlanLedger.Signature[](1);
        list[0] = _sign(plan, key);
    }

    function _signedByBoth(IPlanLedger.Plan memory plan) internal view returns (IPlanLedger.Signature[] memory list) {
        list = new IPlanLedger.Signature[](2);
        (list[0], list[1]) = (_sign(plan, ANN), _sign(plan, BOB));
    }

    function _sign(IPlanLedger.Plan memory plan, uint256 key) private view returns (IPlanLedger.Signature memory) {
        (uint8 v, bytes32 r, bytes32 s) = signer.sign(key, planLedger.hashOf(plan));
        return IPlanLedger.Signature(signer.addr(key), abi.encodePacked(r, s, v));
    }

    /// @dev Opens a plan with both approvals.
    function _open(IPlanLedger.Plan memory plan) internal returns (bytes32) {
        return _openWith(plan, controller.tierValues(), _signedByBoth(plan));
    }

    /// @dev Opens a plan with one approval.
    function _openByAnn(IPlanLedger.Plan memory plan) internal returns (bytes32) {
        return _openWith(plan, controller.tierValues(), _signedBy(plan, ANN));
    }

    function _openWith(IPlanLedger.Plan memory plan, uint256[3] memory state, IPlanLedger.Signature[] memory signatures)
        internal
        returns (bytes32)
    {
        vm.prank(keeper);
        return controller.openPlan(plan, state, signatures);
    }

    function _execute(IPlanLedger.Plan memory plan, uint8 index) internal returns (uint256) {
        bytes32[] memory leaves = _leaves(plan);
        vm.prank(keeper);
        return controller.execute(plan.header, leaves, index, plan.actions[index], "");
    }

    function _leaves(IPlanLedger.Plan memory plan) internal view returns (bytes32[] memory leaves) {
        leaves = new bytes32[](plan.actions.length);
        for (uint256 i = 0; i < leaves.length; ++i) {
            leaves[i] = planLedger.leafOf(plan.actions[i]);
        }
    }
}
