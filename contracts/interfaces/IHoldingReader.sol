// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "./IPortfolio.sol";

/// @title Reads what the holdings of one portfolio are worth
/// @notice Every question to an asset, a venue or the oracle has bounded gas and a bounded answer, so that a broken
/// holding costs no more than that. An answer of more than 128 bits is none: garbage counts nowhere and
/// overflows nothing. Assets are asked by the
/// reader, not by the portfolio: a vault whose preview depends on the caller is not for a portfolio.
/// @notice It answers the portfolio's own views of values, which `IPortfolio` documents, and the questions below. Who:
/// the portfolio alone, since values must not be read in the middle of a trade.
/// @dev Every function reverts with `HoldingReader_NotPortfolio` for another caller, and with `BoundedCall_OutOfGas`
/// where there was too little gas to tell a broken holding from a want of gas. Those that must have an answer revert as
/// the holding does, or with `BoundedCall_NoAnswer`.
interface IHoldingReader {
    /// @notice The caller is not the portfolio.
    error HoldingReader_NotPortfolio(address caller);

    /// @notice What so many units of a holding would fetch, however high the rate of a share. Nothing is worth nothing,
    /// at any price.
    /// @param asset The holding.
    /// @param amount Base units of the asset.
    /// @return Settlement units.
    function exitWorth(address asset, uint256 amount) external view returns (uint256);

    /// @notice As `exitWorth`, with what is pending.
    /// @param asset The holding.
    /// @param amount Base units of the asset.
    /// @return Settlement units.
    function exitOf(address asset, uint256 amount) external view returns (uint256);

    /// @notice What a holding counts for, as `IPortfolio.valueOf`, but also above its maximum rate.
    /// @param asset The holding.
    /// @return Settlement units.
    function countedOf(address asset) external view returns (uint256);

    /// @notice What a purchase brought: the worth of what came, and by how much what is pending has grown.
    /// @dev Reverts with `Portfolio_RateAboveMaximum` and `Portfolio_RateBelowMinimum`.
    /// @param asset The holding.
    /// @param received Base units of the asset that came.
    /// @param pending What was pending before, in settlement units.
    /// @return Settlement units.
    function bought(address asset, uint256 received, uint256 pending) external view returns (uint256);

    /// @notice The mark that keeps a part of what a holding is worth now, or of its present mark where that cannot be
    /// read.
    /// @dev Reverts with `Portfolio_MarkNotLowered` and `Portfolio_MarkNeedsPrice`.
    /// @param asset The holding.
    /// @param keptBps Part that is kept; above 0.
    /// @return next The new mark.
    function markDown(address asset, uint16 keptBps) external view returns (IPortfolio.Mark memory next);

    /// @notice Sees that a holding has a price that is believed, whatever its mark.
    /// @dev Reverts with `Portfolio_RateAboveMaximum`.
    /// @param asset The holding.
    function requirePrice(address asset) external view;

    /// @notice Whether nothing is pending, neither in the venue's book nor by the issuer's word.
    /// @param asset The holding.
    /// @return Whether it told, and is so.
    function isSettled(address asset) external view returns (bool);

    /// @notice What the portfolio holds of a token; 0 where the token does not tell.
    /// @param token The token.
    /// @return good Whether it told.
    /// @return balance Base units.
    function balanceOf(address token) external view returns (bool good, uint256 balance);
}
