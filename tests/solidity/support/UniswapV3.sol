// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {IUniswapV3Factory} from "@ballast/interfaces/external/IUniswapV3Factory.sol";

import {Test} from "./Test.sol";

interface IFactory is IUniswapV3Factory {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address);
}

interface IPool {
    function initialize(uint160 sqrtPriceX96) external;
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data)
        external
        returns (uint256, uint256);
    function slot0() external view returns (uint160 sqrtPriceX96, int24, uint16, uint16, uint16, uint8, bool);
}

/// @title Uniswap V3 factory and pools, deployed from the creation code of their package
/// @notice The contract itself provides the liquidity.
abstract contract UniswapV3 is Test {
    using SafeERC20 for IERC20;

    string private constant ARTIFACT =
        "node_modules/@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
    /// @dev Last ticks for a spacing of 60.
    int24 private constant FULL_RANGE = 887_220;

    function deployFactory() internal returns (IFactory factory) {
        bytes memory code = vm.parseJsonBytes(vm.readFile(ARTIFACT), ".bytecode");
        assembly {
            factory := create(0, add(code, 0x20), mload(code))
        }
        assertTrue(address(factory) != address(0), "factory deployed");
    }

    /// @dev Opens a pool over all prices with reserves `amountA` and `amountB`. The contract must hold both amounts and
    /// a little more.
    function openPool(IFactory factory, address tokenA, address tokenB, uint24 fee, uint256 amountA, uint256 amountB)
        internal
        returns (address pool)
    {
        pool = factory.createPool(tokenA, tokenB, fee);
        (uint256 amount0, uint256 amount1) = tokenA < tokenB ? (amountA, amountB) : (amountB, amountA);
        uint256 sqrtPrice = Math.sqrt(Math.mulDiv(amount1, 1 << 192, amount0));
        IPool(pool).initialize(uint160(sqrtPrice));
        // Over all prices the liquidity is the geometric mean.
        uint128 liquidity = uint128(Math.sqrt(amount0 * amount1));
        IPool(pool).mint(address(this), -FULL_RANGE, FULL_RANGE, liquidity, abi.encode(tokenA, tokenB));
    }

    function uniswapV3MintCallback(uint256 owed0, uint256 owed1, bytes calldata data) external {
        (address tokenA, address tokenB) = abi.decode(data, (address, address));
        (address token0, address token1) = tokenA < tokenB ? (tokenA, tokenB) : (tokenB, tokenA);
        IERC20(token0).safeTransfer(msg.sender, owed0);
        IERC20(token1).safeTransfer(msg.sender, owed1);
    }
}
