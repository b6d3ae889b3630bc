// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Token} from "./Token.sol";

/// @title Token that calls a contract when it is transferred
contract CallingToken is Token {
    address public callee;
    bytes public callData;
    bool public succeeded;
    bytes public answer;

    constructor(string memory symbol_, uint8 decimals_) Token(symbol_, decimals_) {}

    function setCall(address newCallee, bytes calldata newCallData) external {
        (callee, callData) = (newCallee, newCallData);
    }

    function _update(address from, address to, uint256 value) internal override {
        super._update(from, to, value);
        address called = callee;
        if (called == address(0) || from == address(0)) return;
        // Once only, since the call may transfer this token.
        callee = address(0);
        (succeeded, answer) = called.call(callData);
    }
}
