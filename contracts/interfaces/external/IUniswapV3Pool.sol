// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of a Uniswap V3 pool that Ballast uses
interface IUniswapV3Pool {
    /// @notice Swaps one token for the other. The pool pays `recipient` first and then calls the caller back for its
    /// input.
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

    /// @notice The pool's state.
    /// @return sqrtPriceX96 Root of the price of token0 in token1, in base units, times 2**96; 0 before the pool is
    /// initialised.
    /// @return tick Tick of the price.
    /// @return observationIndex Index of the last observation.
    /// @return observationCardinality Observations kept.
    /// @return observationCardinalityNext Observations to be kept.
    /// @return feeProtocol The protocol's part of the fees.
    /// @return unlocked Whether nothing is under way in the pool.
    function slot0()
        external
        view
        returns (
            uint160 sqrtPriceX96,
            int24 tick,
            uint16 observationIndex,
            uint16 observationCardinality,
            uint16 observationCardinalityNext,
            uint8 feeProtocol,
            bool unlocked
        );

    /// @notice Liquidity in range: the liquidity at the present price.
    function liquidity() external view returns (uint128);
}
