// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What an automation network asks of a contract that it drives
/// @notice The two functions of Chainlink's `AutomationCompatibleInterface`, so that any network that speaks it will
/// do.
interface IAutomationCompatible {
    /// @notice Whether there is something to do.
    /// @dev Who: anybody, off-chain; it changes nothing, though the network's interface does not declare it a view.
    /// @param checkData What to look at, fixed when the upkeep was registered.
    /// @return upkeepNeeded Whether `performUpkeep` would do something.
    /// @return performData What to give it.
    function checkUpkeep(bytes calldata checkData) external returns (bool upkeepNeeded, bytes memory performData);

    /// @notice Does it.
    /// @dev Who: anybody. What was due when asked and no longer is, is left out.
    /// @param performData As `checkUpkeep` returned it.
    function performUpkeep(bytes calldata performData) external;
}
