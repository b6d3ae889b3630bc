// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRateLimits} from "../interfaces/IRateLimits.sol";

/// @title Keys of limits
/// @notice The kind in the highest byte, the subject in the lowest twenty. Two kinds never share a key, and a key can
/// be read.
library LimitKeys {
    uint256 private constant KIND_SHIFT = 248;

    /// @notice Losses of actions that add risk.
    bytes32 internal constant LOSS_ADD = bytes32(uint256(IRateLimits.Kind.LossAdd) << KIND_SHIFT);
    /// @notice Losses of approved plans' actions that reduce risk: a reserve that no keeper can use up alone.
    bytes32 internal constant LOSS_REDUCE = bytes32(uint256(IRateLimits.Kind.LossReduce) << KIND_SHIFT);

    /// @notice Amount that plans with a single approval may put at risk.
    bytes32 internal constant SINGLE_APPROVED = bytes32(uint256(IRateLimits.Kind.SingleApproved) << KIND_SHIFT);

    /// @notice Losses of anybody's draws from L2 for overdue redemptions.
    bytes32 internal constant LOSS_OVERDUE = bytes32(uint256(IRateLimits.Kind.LossOverdue) << KIND_SHIFT);

    /// @notice Amount that a keeper may put at risk without a plan.
    function automatic(address keeper) internal pure returns (bytes32) {
        return _key(IRateLimits.Kind.Auto, keeper);
    }

    /// @notice Amount that a keeper may take out of risk.
    function derisk(address keeper) internal pure returns (bytes32) {
        return _key(IRateLimits.Kind.Derisk, keeper);
    }

    /// @notice Losses of a keeper's actions that reduce risk. They are separate from losses of actions that add it, and
    /// from other keepers', so that nobody can block sales by exhausting them.
    function lossReduce(address keeper) internal pure returns (bytes32) {
        return _key(IRateLimits.Kind.LossReduce, keeper);
    }

    /// @notice Amount that plans may put into an asset.
    function forAsset(address asset) internal pure returns (bytes32) {
        return _key(IRateLimits.Kind.Asset, asset);
    }

    /// @notice Whether the key has the form of a key of this library, with a subject other than zero.
    function isSound(bytes32 key) internal pure returns (bool) {
        if (key == LOSS_ADD || key == LOSS_REDUCE) return true;
        if (key == SINGLE_APPROVED || key == LOSS_OVERDUE) return true;
        address subject = address(uint160(uint256(key)));
        if (subject == address(0)) return false;
        return
            key == automatic(subject) || key == derisk(subject) || key == forAsset(subject)
                || key == lossReduce(subject);
    }

    function _key(IRateLimits.Kind kind, address subject) private pure returns (bytes32) {
        return bytes32(uint256(kind) << KIND_SHIFT | uint160(subject));
    }
}
