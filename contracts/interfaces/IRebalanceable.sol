// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A contract that anybody may have rebalanced to its targets
interface IRebalanceable {
    /// @notice Reason of a run that did nothing. None of them is an error: the next call may succeed.
    /// @dev `Paused`: switched off. `Busy`: the home is executing, or none of its sources can give anything at this
    /// moment. `CoolDown`: too soon after the last run that traded. `InsideDrift`: no weight is far enough from its
    /// target. `StalePrice`: a price is missing or unbelievable. `SpotOffOracle`: a venue's price is not the oracle's,
    /// before or after. `BucketEmpty`: more would be traded or lost than the limits admit now. `MaxTotalValueLoss`: too
    /// much value would be lost. `NotImproved`: the weights would not come nearer to their targets. `NothingToMove`: a
    /// move is needed, but no amount may be given or taken now.
    enum Reason {
        Paused,
        Busy,
        CoolDown,
        InsideDrift,
        StalePrice,
        SpotOffOracle,
        BucketEmpty,
        MaxTotalValueLoss,
        NotImproved,
        NothingToMove
    }

    /// @notice A run did nothing, or was reverted.
    event RebalanceSkipped(Reason reason);

    /// @notice A run is refused for a reason that is no error. `rebalance` turns it into `RebalanceSkipped`.
    error Rebalance_Refused(Reason reason);

    /// @notice Trades until the weights are at their targets.
    /// @dev Who: anybody; with `force`, keepers. Emits `RebalanceSkipped` when there is a reason to do nothing. A
    /// caller that expects no return values is not affected by them.
    /// @param force Whether to trade inside the drift that is otherwise tolerated.
    /// @return skipped Whether the run did nothing, or was reverted.
    /// @return reason Reason, where it was skipped; without meaning otherwise.
    function rebalance(bool force) external returns (bool skipped, Reason reason);
}
