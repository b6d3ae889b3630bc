// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Return data of the last external call, read within a limit
/// @notice A failing callee can return megabytes, which `catch (bytes memory)` would copy at the caller's expense.
library ReturnData {
    /// @notice The first bytes, at most `maximum`, that the last external call returned or reverted with. Call it at
    /// the beginning of a `catch` without parameters.
    function head(uint256 maximum) internal pure returns (bytes memory data) {
        assembly ("memory-safe") {
            let size := returndatasize()
            if gt(size, maximum) { size := maximum }
            data := mload(0x40)
            mstore(data, size)
            returndatacopy(add(data, 0x20), 0, size)
            // Free memory starts after the data, at a multiple of 32.
            mstore(0x40, and(add(add(data, size), 0x3f), not(0x1f)))
        }
    }
}
