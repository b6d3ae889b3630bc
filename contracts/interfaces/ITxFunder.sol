// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title An account outside the scheduler that pays for bookings, in the chain's own coin
/// @notice The source document's `txFunder`: a source and a sink. Rebalancers do not trust it: each call has separate
/// gas, only money that arrived counts, and a failure is a `FailedRecurringSchedule`.
interface ITxFunder {
    /// @notice Amount that the caller could withdraw now, at least.
    function minimumAvailable() external view returns (uint256);

    /// @notice Sends at most `maximum` to the caller.
    /// @dev Who: defined by the implementation.
    /// @return amount Amount sent.
    function withdrawAvailable(uint256 maximum) external returns (uint256 amount);

    /// @notice Amount that could be deposited now, at least.
    function minimumCapacity() external view returns (uint256);

    /// @notice Accepts the value sent, up to the capacity, and sends the rest back.
    /// @dev Who: anybody.
    /// @return accepted Amount accepted.
    function depositCapacity() external payable returns (uint256 accepted);
}
