// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Switch that ends the power of keepers, everywhere at once
/// @notice One per deployment. Every contract that gives keepers authority reads it in every action: the asset
/// controller, the rebalancers of weights, the treasury.
///
/// - A pause stops actions that add risk, and voids every open plan: plans belong to an epoch, and a pause begins a new
/// one. Actions that reduce risk, claims, withdrawals and arrivals go on. Each of these contracts can also be paused
/// alone.
/// - A removed account is a keeper of no contract: it neither adds nor reduces risk, opens and executes no plan, and
/// starts no run of weights, whatever limits it still has.
///
/// Stopping is instant and never fails, so that it can be one of many calls in an emergency. Resuming is slow.
interface IKillSwitch {
    /// @notice Actions that add risk are stopped everywhere, and a new epoch has begun.
    /// @param account Guardian that paused.
    /// @param epoch Number of pauses so far.
    event Paused(address indexed account, uint32 epoch);

    /// @notice Actions that add risk are admitted again.
    /// @param account Configurator that resumed.
    event Unpaused(address indexed account);

    /// @notice An account is no longer a keeper of any contract.
    /// @param keeper Account that was removed.
    event KeeperRemoved(address indexed keeper);

    /// @notice An account is again a keeper wherever it has limits.
    /// @param keeper Account that was restored.
    event KeeperRestored(address indexed keeper);

    /// @notice Nothing is paused.
    error KillSwitch_NotPaused();

    /// @notice The account was not removed.
    /// @param keeper Account that was to be restored.
    error KillSwitch_NotRemoved(address keeper);

    /// @notice Stops actions that add risk, and voids every open plan, of all contracts that read the switch.
    /// @dev Who: the guardian's role. Emits `Paused`, also when it was paused before. Never reverts.
    function pause() external;

    /// @notice Admits actions that add risk again.
    /// @dev Who: the configurator's role. Emits `Unpaused`. Reverts with `KillSwitch_NotPaused`.
    function unpause() external;

    /// @notice Removes all power of an account. A registry of recurring rebalances is such an account too.
    /// @dev Who: the guardian's role. Emits `KeeperRemoved`, also when it was removed before. Never reverts.
    /// @param keeper Account to remove; it need not be a keeper yet.
    function removeKeeper(address keeper) external;

    /// @notice Gives an account back the power that its limits admit.
    /// @dev Who: the configurator's role. Emits `KeeperRestored`. Reverts with `KillSwitch_NotRemoved`.
    /// @param keeper Account that was removed.
    function restoreKeeper(address keeper) external;

    /// @notice State that a contract needs before it acts for an account.
    /// @param keeper Account that calls the contract.
    /// @return isPaused Whether actions that add risk are stopped.
    /// @return removed Whether the account was removed.
    /// @return currentEpoch Number of pauses so far. The epoch of a contract's plans is the sum of this and of its own
    /// number of pauses: both only grow, so no sum repeats.
    function stateOf(address keeper) external view returns (bool isPaused, bool removed, uint32 currentEpoch);

    /// @notice Whether actions that add risk are stopped.
    /// @return Whether it is.
    function paused() external view returns (bool);

    /// @notice Number of pauses so far.
    /// @return The number.
    function epoch() external view returns (uint32);

    /// @notice Whether an account was removed, and not restored since.
    /// @param keeper Any account.
    /// @return Whether it was.
    function isRemoved(address keeper) external view returns (bool);
}
