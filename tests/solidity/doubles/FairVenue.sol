// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPriceOracle} from "@ballast/interfaces/IPriceOracle.sol";
import {ITradeVenue} from "@ballast/interfaces/ITradeVenue.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

interface IMintable {
    function mint(address to, uint256 amount) external;
}

/// @title Venue that trades at the oracle's price less a fee and mints the output
contract FairVenue is ITradeVenue {
    IPriceOracle public immutable oracle;
    uint256 public feeBps;
    /// @notice Spot price that the venue reports, as a part of the oracle's price.
    uint256 public spotBps = 10_000;

    constructor(address oracle_) {
        oracle = IPriceOracle(oracle_);
    }

    function setFeeBps(uint256 newFeeBps) external {
        feeBps = newFeeBps;
    }

    function setSpotBps(uint256 newSpotBps) external {
        spotBps = newSpotBps;
    }

    function trade(
        address tokenIn,
        address tokenOut,
        uint256 amountIn,
        uint256 minOut,
        address receiver,
        bytes calldata
    ) external virtual returns (uint256 out) {
        require(IERC20(tokenIn).balanceOf(address(this)) >= amountIn, "not pushed");
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        out -= out * feeBps / 10_000;
        require(out >= minOut, "minOut");
        IMintable(tokenOut).mint(receiver, out);
    }

    function spot(address tokenIn, address tokenOut, uint256 amountIn) external view virtual returns (uint256 out) {
        return oracle.convert(tokenIn, tokenOut, amountIn) * spotBps / 10_000;
    }
}
