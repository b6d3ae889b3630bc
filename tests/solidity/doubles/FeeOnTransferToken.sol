// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @title Token that burns a part of each transfer
contract FeeOnTransferToken is Token {
    uint256 public feeBps;

    constructor(uint256 feeBps_) Token("FEE", 18) {
        feeBps = feeBps_;
    }

    function setFeeBps(uint256 newFeeBps) external {
        feeBps = newFeeBps;
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        if (from != address(0) && to != address(0)) super._update(to, address(0), value * feeBps / 10_000);
    }
}
