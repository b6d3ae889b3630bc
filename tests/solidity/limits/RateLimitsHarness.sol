// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {RateLimits} from "@ballast/security/RateLimits.sol";

/// @title Contract with rate-limited calls
contract RateLimitsHarness is RateLimits {
    constructor(address manager) AccessManaged(manager) {}

    function consume(bytes32 key, uint256 amount) external {
        _consume(key, amount);
    }

    function consumeAndRefund(bytes32 key, uint256 consumed, uint256 used) external {
        _consume(key, consumed);
        _refund(key, consumed, used);
    }

    function refund(bytes32 key, uint256 consumed, uint256 used) external {
        _refund(key, consumed, used);
    }

    function closeLimit(bytes32 key) external {
        _closeLimit(key);
    }

    /// @dev Returns the gas of one consumption, without the call around it.
    function gasOfConsume(bytes32 key, uint256 amount) external returns (uint256 spent) {
        spent = gasleft();
        _consume(key, amount);
        return spent - gasleft();
    }

    function gasOfTwo(bytes32 first, bytes32 second, uint256 amount) external returns (uint256 spent) {
        spent = gasleft();
        _consume(first, amount);
        _consume(second, amount);
        return spent - gasleft();
    }
}
