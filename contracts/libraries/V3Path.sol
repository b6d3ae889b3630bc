// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Uniswap V3's packed path: token, fee, token, fee, ... token
library V3Path {
    /// @notice Most hops of a path.
    uint256 internal constant MAX_HOPS = 4;

    uint256 private constant TOKEN_SIZE = 20;
    uint256 private constant FEE_SIZE = 3;
    /// @dev Size of one step from a token of the path to the next.
    uint256 private constant STEP = TOKEN_SIZE + FEE_SIZE;

    /// @notice Number of swaps that a path describes; 0 when it is malformed or too long.
    function hops(bytes memory path) internal pure returns (uint256 count) {
        if (path.length < TOKEN_SIZE) return 0;
        uint256 rest = path.length - TOKEN_SIZE;
        count = rest / STEP;
        if (rest % STEP != 0 || count > MAX_HOPS) return 0;
    }

    /// @notice The token at a place of a well-formed path, 0 being the first.
    function tokenAt(bytes memory path, uint256 place) internal pure returns (address token) {
        uint256 offset = place * STEP;
        assembly ("memory-safe") {
            // The address is the upper 20 of the 32 bytes read there.
            token := shr(96, mload(add(add(path, 0x20), offset)))
        }
    }

    /// @notice The fee of a hop of a well-formed path, 0 being the first.
    function feeAt(bytes memory path, uint256 hop) internal pure returns (uint24 fee) {
        uint256 offset = hop * STEP + TOKEN_SIZE;
        assembly ("memory-safe") {
            // The fee is the upper 3 of the 32 bytes read there.
            fee := shr(232, mload(add(add(path, 0x20), offset)))
        }
    }
}
