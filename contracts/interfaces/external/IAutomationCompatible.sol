// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Functions that an automation network calls on a contract that it drives
/// @notice The two functions of Chainlink's `AutomationCompatibleInterface`, so that any network with that interface
/// can be used.
interface IAutomationCompatible {
    /// @notice Whether there is work to do.
    /// @dev Who: anybody, off-chain; it changes nothing, though the network's interface does not declare it a view.
    /// @param checkData Data to check, fixed when the upkeep was registered.
    /// @return upkeepNeeded Whether `performUpkeep` would do something.
    /// @return performData Argument for `performUpkeep`.
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData);

    /// @notice Does the work.
    /// @dev Who: anybody. Work that was due at the check and no longer is, is left out.
    /// @param performData As `checkUpkeep` returned it.
    function performUpkeep(bytes calldata performData) external;
}
