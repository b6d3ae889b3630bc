// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title A venue where one token is traded for another
/// @notice A venue is called, never delegatecalled, and never approved: the input is pushed to it in the same
/// transaction, the output goes to the receiver. Its caller trusts none of its answers, but measures balances: a
/// cheating venue can take at most the pushed input, and then the call reverts.
interface ITradeVenue {
    /// @notice Trades `amountIn` of `tokenIn`, which the venue holds already, for `tokenOut`.
    /// @dev Who: accounts that the venue admits. Reverts when less than `minOut` comes out, and when any of the input
    /// would remain.
    /// @param receiver Account that gets the output.
    /// @param data Venue-specific terms; empty for the venue's default.
    /// @return out Amount that `receiver` got.
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external returns (uint256 out);

    /// @notice Output for `amountIn` at the venue's marginal price, without fees and without price impact: it shows how
    /// far the venue is from the market.
    /// @dev Who: anybody. Anybody can also move it within a transaction: compare it with a price from another source.
    /// Rounded down. Reverts with the venue's `NoSpot` where there is no such price.
    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view returns (uint256 out);
}
