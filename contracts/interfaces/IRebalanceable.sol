// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What can be told to rebalance itself
/// @notice Having nothing to do, or not being allowed to do it now, is no failure: it ends well, with
/// `RebalanceSkipped`. Only what is really broken reverts.
interface IRebalanceable {
    /// @notice Why nothing was done.
    enum SkipReason {
        None,
        InsideBounds,
        NothingToMove,
        Paused,
        StalePrice,
        EmptyLimit,
        CoolDown,
        SpotOffOracle,
        NotImproved,
        ExcessiveLoss,
        Busy
    }

    /// @notice Nothing was done.
    event RebalanceSkipped(SkipReason reason);

    /// @notice Rebalances, if there is need and leave.
    /// @param force Whether to go to the targets even if there is no need.
    function rebalance(bool force) external;
}
