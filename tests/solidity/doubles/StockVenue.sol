// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

/// @title Router that trades from its stock at configured rates, less a fee
contract StockVenue is ITradeVenue {
    using SafeERC20 for IERC20;

    uint256 private constant WAD = 1e18;

    uint256 public feeBps;
    /// @notice Output base units for 1e18 input base units.
    mapping(address tokenIn => mapping(address tokenOut => uint256)) public rateOf;

    function setRate(address tokenIn, address tokenOut, uint256 rate) external {
        rateOf[tokenIn][tokenOut] = rate;
    }

    function setFeeBps(uint256 newFeeBps) external {
        feeBps = newFeeBps;
    }

    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata
    ) external returns (uint256 out) {
        out = spot(tokenIn, tokenOut, amountIn);
        out -= out * feeBps / 10_000;
        require(out >= minOut, "minOut");
        IERC20(tokenOut).safeTransfer(receiver, out);
    }

    function spot(address tokenIn, address tokenOut, uint256 amountIn) public view returns (uint256) {
        return amountIn * rateOf[tokenIn][tokenOut] / WAD;
    }
}
