// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAssetController} from "../interfaces/IAssetController.sol";
import {Bps} from "../libraries/Bps.sol";

/// @title Rules of the asset controller's bounds
/// @dev Deployed by the controller's constructor, and separate from it only because both do not fit into one contract.
/// It has no storage.
contract TierBounds {
    uint256 private constant BOUNDS = 14;
    uint256 private constant TIERS = 3;
    /// @dev Bounds of a tier: minimum, target, maximum.
    uint256 private constant PER_TIER = 3;

    /// @notice Checks bounds that are to replace others.
    /// @dev Reverts with `AssetController_InvalidBounds` and `AssetController_NotTighter`.
    /// @param next Bounds to set, in the order of `IAssetController.Bound`.
    /// @param current Bounds that are set.
    /// @param mustTighten Whether none may be looser than before.
    function check(uint16[14] calldata next, uint16[14] calldata current, bool mustTighten) external pure {
        if (mustTighten) _requireTighter(next, current);
        _requireSound(next);
    }

    function _requireTighter(uint16[14] calldata next, uint16[14] calldata current) private pure {
        for (uint256 i = 0; i < BOUNDS; ++i) {
            uint256 place = i < TIERS * PER_TIER ? i % PER_TIER : uint256(IAssetController.Bound.MaxL1);
            bool tighter = place == uint256(IAssetController.Bound.TargetL1)
                || (place == uint256(IAssetController.Bound.MinL1) ? next[i] >= current[i] : next[i] <= current[i]);
            require(tighter, IAssetController.AssetController_NotTighter());
        }
    }

    /// @dev Only a tier's minimum or maximum and the admitted move may be 0: a loss bound of 0, for example, would
    /// prevent all sales to a market.
    function _requireSound(uint16[14] calldata next) private pure {
        uint256 targets = 0;
        bool sound = true;
        for (uint256 i = 0; i < TIERS * PER_TIER; i += PER_TIER) {
            (uint256 least, uint256 target, uint256 most) = (next[i], next[i + 1], next[i + 2]);
            sound = sound && least <= target && target <= most && most <= Bps.ONE;
            targets += target;
        }
        uint256 maxLoss = next[uint256(IAssetController.Bound.MaxLoss)];
        uint256 maxDue = next[uint256(IAssetController.Bound.MaxDue)];
        sound = sound && targets == Bps.ONE && maxLoss != 0 && maxLoss <= Bps.MAX_LOSS && maxDue != 0
            && maxDue <= Bps.ONE && next[uint256(IAssetController.Bound.MaxMove)] <= Bps.ONE
            && next[uint256(IAssetController.Bound.MaxBookAge)] != 0
            && next[uint256(IAssetController.Bound.MaxPlanLife)] != 0;
        require(sound, IAssetController.AssetController_InvalidBounds());
    }
}
