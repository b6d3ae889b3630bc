// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable} from "@openzeppelin/contracts/access/Ownable.sol";

/// @title The pause of CCTP's transmitter and minter, for the local network
/// @notice Written for Ballast. Functions, events and texts are those of Circle's contracts. The owner is the first
/// pauser.
abstract contract CctpPausable is Ownable {
    /// @notice Who may pause.
    address public pauser;
    /// @notice Whether what is guarded by the pause reverts.
    bool public paused;

    event Pause();
    event Unpause();
    event PauserChanged(address indexed newAddress);

    modifier whenNotPaused() {
        require(!paused, "Pausable: paused");
        _;
    }

    modifier onlyPauser() {
        require(msg.sender == pauser, "Pausable: caller is not the pauser");
        _;
    }

    constructor(address owner_) Ownable(owner_) {
        pauser = owner_;
    }

    /// @notice Stops what is guarded. Pauser only.
    function pause() external onlyPauser {
        paused = true;
        emit Pause();
    }

    /// @notice Admits what is guarded again. Pauser only.
    function unpause() external onlyPauser {
        paused = false;
        emit Unpause();
    }

    /// @notice Hands the right to pause on. Owner only.
    /// @param newPauser Who may pause from now on.
    function updatePauser(address newPauser) external onlyOwner {
        require(newPauser != address(0), "Pausable: new pauser is the zero address");
        pauser = newPauser;
        emit PauserChanged(newPauser);
    }
}
