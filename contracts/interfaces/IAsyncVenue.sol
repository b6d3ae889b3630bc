// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";

/// @title A venue that delivers later
/// @notice `trade` makes a request and returns 0: nothing has come out yet. The venue holds its requests for one
/// portfolio, and what they are worth belongs to the portfolio's value until it is claimed, each unit exactly once.
interface IAsyncVenue is ITradeVenue {
    /// @notice Moves what can be claimed: shares to the portfolio, settlement tokens to the portfolio's home.
    /// @dev Who: the portfolio. Does nothing when nothing can be claimed.
    /// @param asset The asset whose requests are meant.
    /// @return shares What the portfolio got of the asset.
    /// @return assets What the portfolio's home got, in settlement tokens.
    /// @return lost What these are worth less than what was given for them, in settlement tokens.
    function claim(address asset) external returns (uint256 shares, uint256 assets, uint256 lost);

    /// @notice What everything is worth that was requested of an asset and not claimed yet, in settlement tokens,
    /// rounded down.
    /// @dev Reverts while the venue itself is at work, and when the issuer does.
    function pendingValue(address asset) external view returns (uint256);

    /// @notice What was requested of an asset and not claimed, as the venue has it in its book. Nobody else is asked.
    /// @param asset The asset whose requests are meant.
    /// @return assets Settlement tokens sent for shares.
    /// @return shares Shares sent for settlement tokens.
    function requested(address asset) external view returns (uint256 assets, uint256 shares);
}
