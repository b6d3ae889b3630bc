// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title Venue that behaves differently each time
/// @notice Depending on its settings it keeps the input, delivers a part or more, delivers to another account,
/// misreports the result or makes a call during the trade.
contract MoodyVenue is FairVenue {
    /// @notice Part of the fair output that is delivered; more than 10,000 is a gift.
    uint256 public deliveredBps = 10_000;
    /// @notice Whether the output goes to the venue itself.
    bool public deliversToItself;
    address public callee;
    bytes public callData;

    constructor(address oracle_) FairVenue(oracle_) {}

    function setMood(uint256 newDeliveredBps, bool newDeliversToItself, address newCallee, bytes calldata newCallData)
        external
    {
        (deliveredBps, deliversToItself) = (newDeliveredBps, newDeliversToItself);
        (callee, callData) = (newCallee, newCallData);
    }

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata)
        external
        override
        returns (uint256)
    {
        if (callee != address(0)) {
            // The venue continues if the call is refused.
            (bool ignored,) = callee.call(callData);
            ignored;
        }
        // Tries to take more input by any allowance that it has.
        try IERC20(tokenIn).transferFrom(msg.sender, address(this), amountIn) {} catch {}
        uint256 out = oracle.convert(tokenIn, tokenOut, amountIn) * deliveredBps / 10_000;
        IMintable(tokenOut).mint(deliversToItself ? address(this) : receiver, out);
        return type(uint256).max;
    }
}
