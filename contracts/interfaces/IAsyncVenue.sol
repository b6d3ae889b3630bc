// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";

/// @title A venue with later delivery
/// @notice `trade` makes a request and returns 0: nothing is delivered yet. The venue holds its requests for one
/// portfolio. Until a request is claimed its value is part of the portfolio's value, each unit exactly once.
interface IAsyncVenue is ITradeVenue {
    /// @notice Claims all that can be claimed: shares to the portfolio, settlement tokens to the portfolio's home.
    /// @dev Who: the portfolio. Does nothing when nothing can be claimed.
    /// @param asset The asset whose requests are claimed.
    /// @return shares Units of the asset that the portfolio received.
    /// @return assets Settlement tokens that the portfolio's home received.
    /// @return lost By how much these are worth less than the amounts given for them, in settlement tokens.
    function claim(address asset) external returns (uint256 shares, uint256 assets, uint256 lost);

    /// @notice Value of all requests of an asset that are not claimed yet, in settlement tokens, rounded down.
    /// @dev Reverts while the venue itself is executing, and when the issuer does.
    function pendingValue(address asset) external view returns (uint256);

    /// @notice Requested and unclaimed amounts of an asset, by the venue's own book. No other contract is called.
    /// @param asset The asset of the requests.
    /// @return assets Settlement tokens sent for shares.
    /// @return shares Shares sent for settlement tokens.
    function requested(address asset) external view returns (uint256 assets, uint256 shares);
}
