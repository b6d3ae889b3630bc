// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";

/// @title A venue whose trades are requests, settled by the issuer later
/// @notice It serves one portfolio, and holds what that has requested until it is claimed.
interface IAsyncVenue is ITradeVenue {
    /// @notice Moves what can be claimed: shares to the portfolio, settlement tokens to the portfolio's home.
    /// @dev Who: the portfolio.
    /// @return shares Units of the asset that the portfolio got.
    /// @return assets Settlement units that the home got.
    function claim(address asset) external returns (uint256 shares, uint256 assets);

    /// @notice Settlement value of everything requested and not yet claimed, each unit exactly once.
    function pendingValue(address asset) external view returns (uint256);
}
