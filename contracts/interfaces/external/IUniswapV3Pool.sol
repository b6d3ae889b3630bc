// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title What Ballast uses of a Uniswap V3 pool
interface IUniswapV3Pool {
    /// @notice Swaps one token for the other. The pool pays `recipient` first and then calls the caller back for what
    /// it is owed.
    /// @param zeroForOne Whether token0 goes in.
    /// @param amountSpecified Exact input when positive.
    /// @param sqrtPriceLimitX96 Price at which the swap stops, even if input is left.
    /// @return amount0 Change of the pool's balance of token0; negative is paid out.
    /// @return amount1 Change of the pool's balance of token1.
    function swap(
        address recipient,
        bool zeroForOne,
        int256 amountSpecified,
        uint160 sqrtPriceLimitX96,
        bytes calldata data
    ) external returns (int256 amount0, int256 amount1);
}
