// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IPortfolio} from "@ballast/interfaces/IPortfolio.sol";

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title Fair venue that tries to empty the portfolio's list during a trade
contract MeddlingVenue is FairVenue {
    IPortfolio private immutable portfolio;
    bool public refused;

    constructor(address oracle_, IPortfolio portfolio_) FairVenue(oracle_) {
        portfolio = portfolio_;
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata)
        external
        override
        returns (uint256 out)
    {
        try portfolio.setHoldings(new IPortfolio.Holding[](0)) {}
        catch {
            refused = true;
        }
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        IMintable(tokenOut).mint(receiver, out);
    }
}
