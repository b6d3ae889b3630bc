// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPlanLedger} from "../interfaces/IPlanLedger.sol";

/// @title EIP-712 structures of plans
library PlanHash {
    bytes32 private constant ACTION_TYPE =
        keccak256("Action(uint8 verb,address asset,uint256 amount,uint256 minOut,bytes32 dataHash,uint64 dependsOn)");
    bytes32 private constant PLAN_TYPE = keccak256(
        "Plan(address consumer,address keeper,uint256 nonce,uint40 deadline,uint32 epoch,bytes32 preState,Action[] actions)"
        "Action(uint8 verb,address asset,uint256 amount,uint256 minOut,bytes32 dataHash,uint64 dependsOn)"
    );

    /// @notice The structure of one action.
    function leafOf(IPlanLedger.Action calldata action) internal pure returns (bytes32) {
        return keccak256(abi.encode(ACTION_TYPE, action));
    }

    /// @notice The structures of all actions of a plan.
    function leavesOf(IPlanLedger.Action[] calldata actions) internal pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](actions.length);
        for (uint256 i = 0; i < actions.length; ++i) {
            leaves[i] = leafOf(actions[i]);
        }
    }

    /// @notice The structure of a plan. An array of structures is hashed as the concatenation of their hashes.
    /// @param list keccak256 of the leaves.
    function structureOf(IPlanLedger.Header calldata header, bytes32 list) internal pure returns (bytes32) {
        return keccak256(abi.encode(PLAN_TYPE, header, list));
    }
}
