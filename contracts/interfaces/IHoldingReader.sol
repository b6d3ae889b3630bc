// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "./IPortfolio.sol";

/// @title Reads the values of one portfolio's holdings
/// @notice Every call to an asset, a venue or the oracle has bounded gas and a bounded answer, so that a broken holding
/// costs no more than that. An answer of more than 128 bits counts as none, so that garbage counts nowhere and
/// overflows nothing. Assets are called by the reader, not by the portfolio: a vault whose preview depends on the
/// caller is not suitable for a portfolio.
/// @notice It answers the portfolio's own views of values, which `IPortfolio` documents, and the functions below. Who:
/// the portfolio alone, since values must not be read during a trade.
/// @dev Every function reverts with `HoldingReader_NotPortfolio` for another caller, and with `BoundedCall_OutOfGas`
/// where there was too little gas to tell a broken holding from a lack of gas. Functions that must have an answer
/// revert as the holding does, or with `BoundedCall_NoAnswer`.
interface IHoldingReader {
    /// @notice The caller is not the portfolio.
    error HoldingReader_NotPortfolio(address caller);

    /// @notice Exit value of an amount of a holding, at any rate of a share. An amount of 0 is worth 0, also without a
    /// price.
    /// @param asset The holding.
    /// @param amount Base units of the asset.
    /// @return Settlement units.
    function exitWorth(address asset, uint256 amount) external view returns (uint256);

    /// @notice As `exitWorth`, plus pending requests.
    /// @param asset The holding.
    /// @param amount Base units of the asset.
    /// @return Settlement units.
    function exitOf(address asset, uint256 amount) external view returns (uint256);

    /// @notice Counted value of a holding, as `IPortfolio.valueOf`, but also above its maximum rate.
    /// @param asset The holding.
    /// @return Settlement units.
    function countedOf(address asset) external view returns (uint256);

    /// @notice Result of a purchase: the value of the received units plus the growth of the pending value.
    /// @dev Reverts with `Portfolio_RateAboveMaximum` and `Portfolio_RateBelowMinimum`.
    /// @param asset The holding.
    /// @param received Base units of the asset that were received.
    /// @param pending Pending value before, in settlement units.
    /// @return Settlement units.
    function bought(address asset, uint256 received, uint256 pending) external view returns (uint256);

    /// @notice The mark that keeps a part of a holding's present value, or of its present mark where the value cannot
    /// be read.
    /// @dev Reverts with `Portfolio_MarkNotLowered` and `Portfolio_MarkNeedsPrice`.
    /// @param asset The holding.
    /// @param keptBps Part that is kept; above 0.
    /// @return next The new mark.
    function markDown(address asset, uint16 keptBps) external view returns (IPortfolio.Mark memory next);

    /// @notice Requires that a holding has a believed price, whatever its mark.
    /// @dev Reverts with `Portfolio_RateAboveMaximum`.
    /// @param asset The holding.
    function requirePrice(address asset) external view;

    /// @notice Whether nothing is pending, neither in the venue's book nor at the issuer.
    /// @param asset The holding.
    /// @return Whether the issuer answered and nothing is pending.
    function isSettled(address asset) external view returns (bool);

    /// @notice The portfolio's balance of a token; 0 where the token does not answer.
    /// @param token The token.
    /// @return good Whether the token answered.
    /// @return balance Base units.
    function balanceOf(address token) external view returns (bool good, uint256 balance);
}
