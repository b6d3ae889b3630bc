// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title Venue that keeps the input and claims to have delivered
contract ThievingVenue is FairVenue {
    constructor(address oracle_) FairVenue(oracle_) {}

    function trade(address, address, uint256, uint256 minOut, address, bytes calldata)
        external
        pure
        override
        returns (uint256)
    {
        return minOut;
    }
}

/// @title Venue that delivers a part and claims to have delivered everything
contract UnderDeliveringVenue is FairVenue {
    uint256 public missingBps;

    constructor(address oracle_, uint256 missingBps_) FairVenue(oracle_) {
        missingBps = missingBps_;
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata)
        external
        override
        returns (uint256 out)
    {
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        IMintable(tokenOut).mint(receiver, out - out * missingBps / 10_000);
    }
}

/// @title Venue that makes a call during the trade and then trades fairly
contract ReenteringVenue is FairVenue {
    address public callee;
    bytes public callData;
    bool public succeeded;
    bytes public answer;

    constructor(address oracle_) FairVenue(oracle_) {}

    function setCall(address newCallee, bytes calldata newCallData) external {
        (callee, callData) = (newCallee, newCallData);
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata)
        external
        override
        returns (uint256 out)
    {
        (succeeded, answer) = callee.call(callData);
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        IMintable(tokenOut).mint(receiver, out);
    }
}
