// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title The part of the Uniswap V3 factory that Ballast reads
interface IUniswapV3Factory {
    /// @notice The pool of two tokens, in either order, and a fee in hundredths of a basis point; 0 when there is none.
    function getPool(address tokenA, address tokenB, uint24 fee) external view returns (address pool);
}
