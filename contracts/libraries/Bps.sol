// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title Basis points
/// @notice Parts of an amount at full precision. The name states the rounding: a bound that protects the owners rounds
/// against the accounts that trade with them.
library Bps {
    /// @notice The whole.
    uint256 internal constant ONE = 10_000;

    /// @notice The highest loss bound that can be configured: 10 %.
    uint16 internal constant MAX_LOSS = 1_000;

    /// @notice Base units that an honest strategy may lose to rounding in one action; they count as no loss.
    uint256 internal constant ROUNDING = 2;

    /// @notice `amount * bps / 10_000`, rounded down.
    function partDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bps, ONE);
    }

    /// @notice `amount * bps / 10_000`, rounded up.
    function partUp(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return Math.mulDiv(amount, bps, ONE, Math.Rounding.Ceil);
    }
}
