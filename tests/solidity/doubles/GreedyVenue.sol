// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title Listed venue that keeps a configured part of every trade
/// @notice It has the effect of a sandwich around a fair pool: the difference to the fair price goes to an outsider.
contract GreedyVenue is FairVenue {
    address public immutable settlement;
    /// @notice Part of the fair output that it keeps.
    uint256 public keptBps;
    /// @notice Total kept, in settlement units at the oracle's prices.
    uint256 public haul;

    constructor(address oracle_, address settlement_) FairVenue(oracle_) {
        settlement = settlement_;
    }

    function setKeptBps(uint256 newKeptBps) external {
        keptBps = newKeptBps;
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata)
        external
        override
        returns (uint256 out)
    {
        uint256 fair = oracle.convert(tokenIn, tokenOut, amountIn);
        out = fair - fair * keptBps / 10_000;
        haul += oracle.convert(tokenOut, settlement, fair - out);
        IMintable(tokenOut).mint(receiver, out);
    }
}
