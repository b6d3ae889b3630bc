// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IKillSwitch} from "../interfaces/IKillSwitch.sol";

/// @title Switch that ends the power of keepers, everywhere at once
/// @dev It calls no contract and cannot be replaced in the contracts that read it, so nothing can prevent a stop from
/// taking effect.
contract KillSwitch is IKillSwitch, AccessManaged {
    /// @inheritdoc IKillSwitch
    bool public paused;
    /// @inheritdoc IKillSwitch
    uint32 public epoch;
    /// @inheritdoc IKillSwitch
    mapping(address keeper => bool) public isRemoved;

    constructor(address manager) AccessManaged(manager) {}

    /// @inheritdoc IKillSwitch
    function pause() external restricted {
        (paused, epoch) = (true, epoch + 1);
        emit Paused(msg.sender, epoch);
    }

    /// @inheritdoc IKillSwitch
    function unpause() external restricted {
        require(paused, KillSwitch_NotPaused());
        paused = false;
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IKillSwitch
    function removeKeeper(address keeper) external restricted {
        isRemoved[keeper] = true;
        emit KeeperRemoved(keeper);
    }

    /// @inheritdoc IKillSwitch
    function restoreKeeper(address keeper) external restricted {
        require(isRemoved[keeper], KillSwitch_NotRemoved(keeper));
        isRemoved[keeper] = false;
        emit KeeperRestored(keeper);
    }

    /// @inheritdoc IKillSwitch
    function stateOf(address keeper) external view returns (bool isPaused, bool removed, uint32 currentEpoch) {
        return (paused, isRemoved[keeper], epoch);
    }
}
