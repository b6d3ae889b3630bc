// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Somebody outside the scheduler who pays for bookings, in the chain's own coin
/// @notice The source document's `txFunder`: a source and a sink. Rebalancers trust none of it: each call has its own
/// gas, only the money that arrived counts, and a failure is a `FailedRecurringSchedule`.
interface ITxFunder {
    /// @notice What the caller could withdraw at least, now.
    function minimumAvailable() external view returns (uint256);

    /// @notice Sends at most `maximum` to the caller.
    /// @dev Who: as the implementation says.
    /// @return amount What was sent.
    function withdrawAvailable(uint256 maximum) external returns (uint256 amount);

    /// @notice What could be deposited at least, now.
    function minimumCapacity() external view returns (uint256);

    /// @notice Takes what is sent along, as far as there is capacity, and sends the rest back.
    /// @dev Who: anybody.
    /// @return accepted What was taken.
    function depositCapacity() external payable returns (uint256 accepted);
}
