// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title A venue that does something else each time
/// @notice It may keep the input, deliver a part or more, deliver to somebody else, lie about what it did, or call
/// somebody in between; all of it as the mood of the moment says.
contract MoodyVenue is FairVenue {
    /// @notice Part of the fair output that is delivered; above 10,000 is a gift.
    uint256 public deliveredBps = 10_000;
    /// @notice Whether the output goes to the venue's own account.
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
            // A venue that was refused goes on as if nothing had happened.
            (bool ignored,) = callee.call(callData);
            ignored;
        }
        // With what it has it tries to help itself to more.
        try IERC20(tokenIn).transferFrom(msg.sender, address(this), amountIn) {} catch {}
        uint256 out = oracle.convert(tokenIn, tokenOut, amountIn) * deliveredBps / 10_000;
        IMintable(tokenOut).mint(deliversToItself ? address(this) : receiver, out);
        return type(uint256).max;
    }
}
