// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Handler of a booking, called by the scheduler when the booking is due
interface IScheduledHandler {
    /// @notice Executes the booked call.
    /// @dev Who: the scheduler; an implementation must check that, and that it booked `id`. It gets exactly the booked
    /// effort as gas. Its return data is not read; if it reverts, the booking is executed nevertheless, and the
    /// executor is paid.
    /// @param id The booking.
    /// @param data Data of the booking.
    function executeTransaction(uint256 id, bytes calldata data) external;
}
