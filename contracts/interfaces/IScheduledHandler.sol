// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What the scheduler calls when a booking is due
interface IScheduledHandler {
    /// @notice Does what was booked.
    /// @dev Who: the scheduler; an implementation must check that, and that it booked `id`. It gets exactly the effort
    /// that was booked as gas. What it returns is not read; when it reverts the booking is executed all the same, and
    /// the executor paid.
    /// @param id The booking.
    /// @param data What was given when it was booked.
    function executeTransaction(uint256 id, bytes calldata data) external;
}
