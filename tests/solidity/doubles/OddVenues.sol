// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title Fair venue whose spot price can move or be absent, and which records the data it receives
contract WanderingVenue is FairVenue {
    uint256 public spotBpsAfter = 10_000;
    bool public hasNoSpot;
    bool public burnsGas;
    bytes public lastData;
    address public giftToken;
    uint256 public gift;

    constructor(address oracle_) FairVenue(oracle_) {}

    function setSpotBpsAfter(uint256 newSpotBps) external {
        spotBpsAfter = newSpotBps;
    }

    function setHasNoSpot(bool none, bool burns) external {
        (hasNoSpot, burnsGas) = (none, burns);
    }

    /// @notice Sets a second token that the receiver of each trade is sent.
    function setGift(address token, uint256 amount) external {
        (giftToken, gift) = (token, amount);
    }

    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata data
    ) external override returns (uint256 out) {
        lastData = data;
        spotBps = spotBpsAfter;
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        out -= out * feeBps / 10_000;
        require(out >= minOut, "minOut");
        IMintable(tokenOut).mint(receiver, out);
        if (gift != 0) IMintable(giftToken).mint(receiver, gift);
    }

    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view override returns (uint256) {
        require(!hasNoSpot, "no spot");
        while (burnsGas) {}
        return oracle.convert(tokenIn, tokenOut, amountIn) * spotBps / 10_000;
    }
}

/// @title Constant-product pool of one asset and the settlement token, open to anyone
contract PoolVenue is ITradeVenue {
    using SafeERC20 for IERC20;

    uint256 private constant FEE_BPS = 5;
    uint256 private constant WHOLE = 10_000;

    /// @notice Trades the input that was sent before.
    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata
    ) public returns (uint256 out) {
        uint256 reserveIn = IERC20(tokenIn).balanceOf(address(this)) - amountIn;
        uint256 reserveOut = IERC20(tokenOut).balanceOf(address(this));
        uint256 net = amountIn * (WHOLE - FEE_BPS) / WHOLE;
        out = reserveOut * net / (reserveIn + net);
        require(out >= minOut, "minOut");
        IERC20(tokenOut).safeTransfer(receiver, out);
    }

    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view returns (uint256) {
        return amountIn * IERC20(tokenOut).balanceOf(address(this)) / IERC20(tokenIn).balanceOf(address(this));
    }
}
