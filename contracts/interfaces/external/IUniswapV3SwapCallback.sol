// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Callback of a Uniswap V3 pool to the account that swaps
interface IUniswapV3SwapCallback {
    /// @notice Requests the input of the current swap.
    /// @param amount0Delta Amount of token0 that the pool must receive, if positive.
    /// @param amount1Delta Amount of token1 that the pool must receive, if positive.
    /// @param data Data that the caller of `swap` passed.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}
