// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITxFunder} from "./ITxFunder.sol";

/// @title A purse for the fees of rebalancers, with caps for each of them
/// @notice Its owner fills it, names who may spend from it, and can take everything out. What bookings leave over waits
/// in the scheduler's accounts, from where anybody can have it fetched back.
interface IVaultFunder is ITxFunder {
    /// @notice What a spender may take.
    /// @param perRun The most at once, in wei.
    /// @param perDay The most in a day, refilled continuously, in wei.
    /// @param level What of `perDay` is left, in wei, as of `last`.
    /// @param last When `level` was last brought up to date.
    struct Cap {
        uint72 perRun;
        uint72 perDay;
        uint72 level;
        uint40 last;
    }

    /// @notice A spender's caps were set; both 0 is none.
    event SpenderSet(address indexed spender, uint72 perRun, uint72 perDay);

    /// @notice A spender took money.
    event Spent(address indexed spender, uint256 amount);

    /// @notice Money came in.
    event Received(address indexed from, uint256 amount);

    /// @notice The owner took money.
    event Withdrawn(address indexed to, uint256 amount);

    /// @notice The receiver does not take the money.
    error VaultFunder_TransferFailed(address to);

    /// @notice Only one of the caps is 0, or one run may take more than a day.
    error VaultFunder_InvalidCaps(uint72 perRun, uint72 perDay);

    /// @notice Lets a spender take money, within caps. A new day's cap starts full; changing one keeps what was used.
    /// @dev Who: the owner. Emits `SpenderSet`. Reverts with `VaultFunder_InvalidCaps`.
    function setSpender(address spender, uint72 perRun, uint72 perDay) external;

    /// @notice Takes money out.
    /// @dev Who: the owner. Emits `Withdrawn`. Reverts with `VaultFunder_TransferFailed`.
    function withdraw(address to, uint256 amount) external;

    /// @notice Fetches what the scheduler holds for this purse and `spender`.
    /// @dev Who: anybody. Emits `Received`.
    function collect(address spender) external returns (uint256 amount);

    /// @notice A spender's caps, brought up to date.
    function capOf(address spender) external view returns (Cap memory);

    /// @notice What a spender could take now.
    function availableTo(address spender) external view returns (uint256);

    /// @notice The scheduler that refunds come from.
    function scheduler() external view returns (address);
}
