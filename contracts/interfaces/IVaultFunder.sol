// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITxFunder} from "./ITxFunder.sol";

/// @title A purse for the fees of rebalancers, with caps for each of them
/// @notice Its owner funds it, names the accounts that may spend from it, and can withdraw everything. Refunds of
/// bookings wait in the scheduler's accounts, from where anybody can fetch them back.
interface IVaultFunder is ITxFunder {
    /// @notice Caps of a spender, and their use.
    /// @param perRun The most at once, in wei.
    /// @param perDay The most in a day, refilled continuously, in wei.
    /// @param level Remaining part of `perDay`, in wei, as of `last`.
    /// @param last When `level` was last updated.
    struct Cap {
        uint72 perRun;
        uint72 perDay;
        uint72 level;
        uint40 last;
    }

    /// @notice A spender's caps were set; both 0 removes the spender.
    event SpenderSet(address indexed spender, uint72 perRun, uint72 perDay);

    /// @notice A spender took money.
    event Spent(address indexed spender, uint256 amount);

    /// @notice Money came in.
    event Received(address indexed from, uint256 amount);

    /// @notice The owner took money.
    event Withdrawn(address indexed to, uint256 amount);

    /// @notice The receiver rejects the money.
    error VaultFunder_TransferFailed(address to);

    /// @notice Only one of the caps is 0, or one run may take more than a day.
    error VaultFunder_InvalidCaps(uint72 perRun, uint72 perDay);

    /// @notice Lets a spender withdraw money, within caps. A new day's cap starts full; a changed one keeps its used
    /// part.
    /// @dev Who: the owner. Emits `SpenderSet`. Reverts with `VaultFunder_InvalidCaps`.
    function setSpender(address spender, uint72 perRun, uint72 perDay) external;

    /// @notice Withdraws money.
    /// @dev Who: the owner. Emits `Withdrawn`. Reverts with `VaultFunder_TransferFailed`.
    function withdraw(address to, uint256 amount) external;

    /// @notice Fetches the money that the scheduler holds for this purse and `spender`.
    /// @dev Who: anybody. Emits `Received`.
    function collect(address spender) external returns (uint256 amount);

    /// @notice A spender's caps, updated to the present.
    function capOf(address spender) external view returns (Cap memory);

    /// @notice Amount that a spender could withdraw now.
    function availableTo(address spender) external view returns (uint256);

    /// @notice The scheduler that refunds come from.
    function scheduler() external view returns (address);
}
