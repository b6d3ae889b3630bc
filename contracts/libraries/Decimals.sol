// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Amounts of one asset in tokens of different decimals
library Decimals {
    /// @notice The amount in units of `to` decimals, rounded up.
    function convertUp(uint256 amount, uint8 from, uint8 to) internal pure returns (uint256) {
        if (to >= from) return amount * 10 ** (to - from);
        return Math.ceilDiv(amount, 10 ** (from - to));
    }
}
