// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";

import {ITradeVenue} from "../interfaces/ITradeVenue.sol";
import {IUniswapV3Venue} from "../interfaces/IUniswapV3Venue.sol";
import {IUniswapV3Factory} from "../interfaces/external/IUniswapV3Factory.sol";
import {IUniswapV3Pool} from "../interfaces/external/IUniswapV3Pool.sol";
import {IUniswapV3SwapCallback} from "../interfaces/external/IUniswapV3SwapCallback.sol";
import {V3Path} from "../libraries/V3Path.sol";

/// @title Trades directly in Uniswap V3 pools, over one or more hops
/// @dev Pools instead of a router: no allowance to anybody, one contract less to trust, and a hop that cannot take its
/// whole input is detected in the callback. A callback pays only the pool of the current hop, once, and exactly.
contract UniswapV3Venue is IUniswapV3Venue, AccessManaged, ReentrancyGuardTransient {
    using SafeERC20 for IERC20;
    using V3Path for bytes;

    /// @dev Just inside the pools' extreme prices: no limit, since outputs are bounded otherwise.
    uint160 private constant LOWEST_PRICE = 4_295_128_740;
    uint160 private constant HIGHEST_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    /// @inheritdoc IUniswapV3Venue
    address public immutable factory;

    /// @inheritdoc IUniswapV3Venue
    mapping(address account => bool) public isTrader;
    mapping(address tokenIn => mapping(address tokenOut => bytes path)) private _paths;

    /// @dev Payment that the pool of the current hop may request in its callback.
    address private transient _pool;
    address private transient _offeredToken;
    uint256 private transient _offeredAmount;

    constructor(address manager, address factory_) AccessManaged(manager) {
        require(factory_.code.length != 0, UniswapV3Venue_InvalidFactory(factory_));
        factory = factory_;
    }

    // A path has at most V3Path.MAX_HOPS hops, each of which needs the one before. The callback's permission is set
    // before each swap and used up by it; `trade` is locked meanwhile.
    // slither-disable-start calls-loop,reentrancy-no-eth,reentrancy-benign,reentrancy-events,reentrancy-balance

    /// @inheritdoc IUniswapV3Venue
    function setPath(address tokenIn, address tokenOut, bytes calldata path) external restricted {
        if (path.length != 0) {
            uint256 hops = _requirePath(tokenIn, tokenOut, path);
            for (uint256 hop = 0; hop < hops; ++hop) {
                _requirePool(path, hop);
            }
        }
        _paths[tokenIn][tokenOut] = path;
        emit PathSet(tokenIn, tokenOut, path);
    }

    /// @inheritdoc IUniswapV3Venue
    function setTrader(address trader, bool allowed) external restricted {
        isTrader[trader] = allowed;
        emit TraderSet(trader, allowed);
    }

    /// @inheritdoc ITradeVenue
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external nonReentrant returns (uint256 out) {
        require(isTrader[msg.sender], UniswapV3Venue_NotTrader(msg.sender));
        require(amountIn != 0, UniswapV3Venue_InvalidAmount(amountIn));
        uint256 balance = IERC20(tokenIn).balanceOf(address(this));
        require(balance >= amountIn, UniswapV3Venue_MissingInput(tokenIn, balance, amountIn));
        bytes memory path = _path(tokenIn, tokenOut, data);
        uint256 hops = _requirePath(tokenIn, tokenOut, path);

        out = amountIn;
        for (uint256 hop = 0; hop < hops; ++hop) {
            out = _swap(path, hop, out, hop + 1 == hops ? receiver : address(this));
        }
        require(out >= minOut, UniswapV3Venue_InsufficientOutput(tokenOut, out, minOut));
        emit Traded(tokenIn, tokenOut, amountIn, out, receiver);
    }

    /// @inheritdoc IUniswapV3SwapCallback
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata) external {
        require(msg.sender == _pool, UniswapV3Venue_UnexpectedCallback(msg.sender));
        (address token, uint256 offered) = (_offeredToken, _offeredAmount);
        _pool = address(0);
        int256 owed = amount0Delta > 0 ? amount0Delta : amount1Delta;
        uint256 taken = owed > 0 ? uint256(owed) : 0;
        require(taken == offered, UniswapV3Venue_Leftover(token, taken, offered));
        IERC20(token).safeTransfer(msg.sender, taken);
    }

    /// @inheritdoc IUniswapV3Venue
    function pathOf(address tokenIn, address tokenOut) external view returns (bytes memory) {
        return _paths[tokenIn][tokenOut];
    }

    /// @inheritdoc ITradeVenue
    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view returns (uint256 out) {
        bytes memory path = _configuredPath(tokenIn, tokenOut);
        uint256 hops = path.hops();
        out = amountIn;
        for (uint256 hop = 0; hop < hops; ++hop) {
            out = _spot(_requirePool(path, hop), path.tokenAt(hop) < path.tokenAt(hop + 1), out);
        }
    }

    /// @dev Swaps one hop and returns the amount received, by the recipient's balance.
    function _swap(bytes memory path, uint256 hop, uint256 amountIn, address recipient)
        internal
        returns (uint256 received)
    {
        address pool = _requirePool(path, hop);
        (address tokenIn, address tokenOut) = (path.tokenAt(hop), path.tokenAt(hop + 1));
        bool zeroForOne = tokenIn < tokenOut;
        (_pool, _offeredToken, _offeredAmount) = (pool, tokenIn, amountIn);
        uint256 before = IERC20(tokenOut).balanceOf(recipient);
        // The amounts reported by the pool are those of the callback; the received amount is measured.
        // slither-disable-next-line unused-return
        IUniswapV3Pool(pool)
            .swap(recipient, zeroForOne, SafeCast.toInt256(amountIn), zeroForOne ? LOWEST_PRICE : HIGHEST_PRICE, "");
        // A pool that never requested its input has not swapped; its permission ends here.
        require(_pool == address(0), UniswapV3Venue_Leftover(tokenIn, 0, amountIn));
        received = IERC20(tokenOut).balanceOf(recipient) - before;
    }

    /// @dev The configured path. A caller that names another path in `data` could lead the trade through its own pools,
    /// so a path there must be the configured one: it confirms that caller and configuration agree.
    function _path(address tokenIn, address tokenOut, bytes calldata data) internal view returns (bytes memory path) {
        path = _configuredPath(tokenIn, tokenOut);
        if (data.length == 0) return path;
        (uint256 deadline, bytes memory named) = abi.decode(data, (uint256, bytes));
        // slither-disable-next-line timestamp
        require(block.timestamp <= deadline, UniswapV3Venue_Expired(deadline));
        require(keccak256(named) == keccak256(path), UniswapV3Venue_PathNotAllowed(named));
    }

    function _configuredPath(address tokenIn, address tokenOut) internal view returns (bytes memory path) {
        path = _paths[tokenIn][tokenOut];
        require(path.length != 0, UniswapV3Venue_NoPath(tokenIn, tokenOut));
    }

    /// @dev One hop at the pool's price, rounded down. Where the root squared fits 256 bits the quotient is exact,
    /// otherwise at most one unit off for amounts below 2**128.
    function _spot(address pool, bool zeroForOne, uint256 amountIn) internal view returns (uint256) {
        // slither-disable-next-line unused-return
        (uint256 root,,,,,,) = IUniswapV3Pool(pool).slot0();
        // A pool without a price has no liquidity either.
        require(IUniswapV3Pool(pool).liquidity() != 0, UniswapV3Venue_NoSpot(pool));
        bool exact = root <= type(uint128).max;
        uint256 price = exact ? root * root : Math.mulDiv(root, root, 1 << 64);
        uint256 scale = exact ? 1 << 192 : 1 << 128;
        return zeroForOne ? Math.mulDiv(amountIn, price, scale) : Math.mulDiv(amountIn, scale, price);
    }

    function _requirePool(bytes memory path, uint256 hop) internal view returns (address pool) {
        (address tokenA, address tokenB, uint24 fee) = (path.tokenAt(hop), path.tokenAt(hop + 1), path.feeAt(hop));
        pool = IUniswapV3Factory(factory).getPool(tokenA, tokenB, fee);
        require(pool != address(0), UniswapV3Venue_UnknownPool(tokenA, tokenB, fee));
    }

    // slither-disable-end calls-loop,reentrancy-no-eth,reentrancy-benign,reentrancy-events,reentrancy-balance

    function _requirePath(address tokenIn, address tokenOut, bytes memory path) internal pure returns (uint256 hops) {
        hops = path.hops();
        require(
            hops != 0 && path.tokenAt(0) == tokenIn && path.tokenAt(hops) == tokenOut && tokenIn != tokenOut,
            UniswapV3Venue_InvalidPath(path)
        );
    }
}
