// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "./ITradeVenue.sol";
import {IUniswapV3SwapCallback} from "./external/IUniswapV3SwapCallback.sol";

/// @title Trades directly in Uniswap V3 pools, over one or more hops
/// @notice `trade` uses only the configured path: a caller who could choose would choose its own pools. It takes `data
/// = abi.encode(uint256 deadline, bytes path)` with Uniswap's packed path (token, 3 bytes of fee, token, ...), which
/// must be the configured one, or no data for no deadline. Pools are looked up at the factory, so no other contract is
/// ever called or paid. The venue gives no allowance and keeps nothing. `spot` follows the configured path from pool to
/// pool, rounded down at each of them.
interface IUniswapV3Venue is ITradeVenue, IUniswapV3SwapCallback {
    /// @notice The path between two tokens was set; empty when removed.
    event PathSet(address indexed tokenIn, address indexed tokenOut, bytes path);

    /// @notice An account was admitted to trade or removed.
    event TraderSet(address indexed trader, bool allowed);

    /// @notice A trade went through.
    event Traded(
        address indexed tokenIn, address indexed tokenOut, uint256 amountIn, uint256 amountOut, address receiver
    );

    /// @notice The constructor's factory has no code.
    error UniswapV3Venue_InvalidFactory(address factory);

    /// @notice The caller is not admitted.
    error UniswapV3Venue_NotTrader(address caller);

    /// @notice No path is configured between the tokens.
    error UniswapV3Venue_NoPath(address tokenIn, address tokenOut);

    /// @notice The path is malformed, too long, or does not lead from the one token to the other.
    error UniswapV3Venue_InvalidPath(bytes path);

    /// @notice The path named is not the configured one.
    error UniswapV3Venue_PathNotAllowed(bytes path);

    /// @notice The factory knows no such pool.
    error UniswapV3Venue_UnknownPool(address tokenA, address tokenB, uint24 fee);

    /// @notice The deadline has passed.
    error UniswapV3Venue_Expired(uint256 deadline);

    /// @notice Nothing to trade.
    error UniswapV3Venue_InvalidAmount(uint256 amount);

    /// @notice The input was not pushed before.
    error UniswapV3Venue_MissingInput(address tokenIn, uint256 balance, uint256 amountIn);

    /// @notice The pool cannot take all of the input of a hop: its liquidity is exhausted.
    error UniswapV3Venue_Leftover(address token, uint256 taken, uint256 offered);

    /// @notice The receiver got less than the minimum.
    error UniswapV3Venue_InsufficientOutput(address tokenOut, uint256 received, uint256 minimum);

    /// @notice An account other than the pool of the current hop requests payment, or the pool requests it twice.
    error UniswapV3Venue_UnexpectedCallback(address caller);

    /// @notice The pool has no price, or no liquidity at its price: it is not initialised, or has none in range.
    error UniswapV3Venue_NoSpot(address pool);

    /// @notice Sets the path from one token to another; an empty path removes it.
    /// @dev Who: the configurator's role. Emits `PathSet`. Reverts with `UniswapV3Venue_InvalidPath` and
    /// `UniswapV3Venue_UnknownPool`.
    function setPath(address tokenIn, address tokenOut, bytes calldata path) external;

    /// @notice Admits an account, a portfolio, to trade here, or removes it.
    /// @dev Who: the configurator's role. Emits `TraderSet`.
    function setTrader(address trader, bool allowed) external;

    /// @notice The Uniswap V3 factory whose pools are used.
    function factory() external view returns (address);

    /// @notice Whether an account may trade here.
    function isTrader(address account) external view returns (bool);

    /// @notice The path between two tokens; empty when there is none.
    function pathOf(address tokenIn, address tokenOut) external view returns (bytes memory);
}
