// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What a Uniswap V3 pool calls on the account that swaps
interface IUniswapV3SwapCallback {
    /// @notice Asks for the input of the swap under way.
    /// @param amount0Delta What the pool must receive of token0, if positive.
    /// @param amount1Delta What the pool must receive of token1, if positive.
    /// @param data What the caller of `swap` passed.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}
