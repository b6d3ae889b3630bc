// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "./IRebalanceable.sol";

/// @title A loan against collateral whose health is kept between two bounds: the source document's own case, as an
/// example of a target for recurring rebalancers
/// @notice Health is the counted part of the collateral's value over the debt, in basis points: below 10,000 the loan
/// is no longer covered. Below the minimum debt is repaid from the source, above the maximum more is borrowed into the
/// sink, each up to the target.
interface ILendingPosition is IRebalanceable {
    /// @notice The bounds of the position.
    /// @param minimum Health below which debt is repaid, above 10,000.
    /// @param target Health that is aimed at, between the others.
    /// @param maximum Health above which more is borrowed.
    /// @param factorBps Part of the collateral's value that counts.
    struct Bounds {
        uint32 minimum;
        uint32 target;
        uint32 maximum;
        uint16 factorBps;
    }

    /// @notice The owner borrowed.
    /// @param health The position's health with this debt.
    event Borrowed(address indexed to, uint256 amount, uint256 health);

    /// @notice Debt was repaid from the source.
    event ToppedUp(uint256 amount, uint256 health);

    /// @notice More was borrowed, into the sink.
    event DrawnDown(uint256 amount, uint256 health);

    /// @notice An account was given, or lost, the right to force a rebalance.
    event OperatorSet(address indexed operator, bool allowed);

    /// @notice Source and sink were set.
    event AccountsSet(address indexed source, address indexed sink);

    /// @notice The caller may not force.
    error LendingPosition_NotOperator(address caller);

    /// @notice The source has too little: the loan is still not covered.
    error LendingPosition_Unsafe(uint256 health);

    /// @notice The bounds are not in ascending order.
    error LendingPosition_InvalidBounds();

    /// @notice A token or the oracle has no code, or the lender is zero.
    error LendingPosition_InvalidAddress(address account);

    /// @notice The loan would be less healthy than the target.
    error LendingPosition_TooMuch(uint256 health);

    /// @notice Puts collateral in.
    /// @dev Who: anybody, from their own tokens.
    function addCollateral(uint256 amount) external;

    /// @notice Borrows.
    /// @dev Who: the owner. Emits `Borrowed`. Reverts with `LendingPosition_TooMuch`.
    function borrow(uint256 amount, address to) external;

    /// @notice Sets the accounts that repay and that receive. The source must have approved the position. Zero means
    /// none: then nothing is repaid, or nothing more is borrowed.
    /// @dev Who: the owner. Emits `AccountsSet`.
    function setAccounts(address source, address sink) external;

    /// @notice Sets whether an account may force a rebalance.
    /// @dev Who: the owner. Emits `OperatorSet`.
    function setOperator(address operator, bool allowed) external;

    /// @inheritdoc IRebalanceable
    /// @dev Emits `ToppedUp`, `DrawnDown` or `RebalanceSkipped`. Reverts with `LendingPosition_NotOperator` when forced
    /// by others, and with `LendingPosition_Unsafe`.
    function rebalance(bool force) external returns (bool skipped, Reason reason);

    /// @notice The health of the position. Reverts as the oracle does.
    function health() external view returns (uint256);

    /// @notice The debt, in the borrowed token.
    function debt() external view returns (uint256);
}
