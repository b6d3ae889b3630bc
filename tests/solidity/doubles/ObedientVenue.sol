// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FairVenue, IMintable} from "./FairVenue.sol";

/// @title A venue that fails as the trade's data says, and trades fairly without data
contract ObedientVenue is FairVenue {
    enum Order {
        Trade,
        Revert,
        BurnGas,
        RevertWithMuchData,
        KeepAPart,
        KeepAll
    }

    uint256 private constant MUCH = 100_000;
    uint256 private constant PART = 20;

    constructor(address oracle_) FairVenue(oracle_) {}

    function trade(address tokenIn, address tokenOut, uint256 amountIn, uint256, address receiver, bytes calldata data)
        external
        override
        returns (uint256 out)
    {
        Order order = data.length == 0 ? Order.Trade : Order(uint8(data[0]));
        require(order != Order.Revert, "as ordered");
        while (order == Order.BurnGas) {}
        if (order == Order.RevertWithMuchData) {
            assembly {
                revert(0, MUCH)
            }
        }
        out = oracle.convert(tokenIn, tokenOut, amountIn);
        out -= out * feeBps / 10_000;
        if (order == Order.KeepAPart) out -= out / PART;
        if (order != Order.KeepAll) IMintable(tokenOut).mint(receiver, out);
    }
}
