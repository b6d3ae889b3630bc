// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Something that anybody may ask to bring itself back to its targets
interface IRebalanceable {
    /// @notice Why a run did nothing. None of it is an error: the next call may find it otherwise.
    /// @dev `Paused`: switched off. `Busy`: the home is in the middle of something, or nothing that it could draw from
    /// gives anything at this moment. `CoolDown`: too soon after the last run that traded. `InsideDrift`: nothing is
    /// far enough from its target. `StalePrice`: a price is missing or unbelievable. `SpotOffOracle`: a venue's price
    /// is not the oracle's, before or after. `BucketEmpty`: more than what may be traded or lost now.
    /// `MaxTotalValueLoss`: too much value would be lost. `NotImproved`: the weights would not come nearer to their
    /// targets. `NothingToMove`: there is a need, but nothing may be given or taken now.
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

    /// @notice A run did nothing, or was undone.
    event RebalanceSkipped(Reason reason);

    /// @notice A run may not go on, for a reason that is no error. `rebalance` turns it into `RebalanceSkipped`.
    error Rebalance_Refused(Reason reason);

    /// @notice Trades until the weights are at their targets.
    /// @dev Who: anybody; with `force`, keepers. Emits `RebalanceSkipped` when there is a reason to do nothing. A
    /// caller that was written for targets without return values is not affected by these.
    /// @param force Whether to trade inside the drift that otherwise is tolerated.
    /// @return skipped Whether the run did nothing, or was undone.
    /// @return reason Why, where it was skipped; without meaning otherwise.
    function rebalance(bool force) external returns (bool skipped, Reason reason);
}
