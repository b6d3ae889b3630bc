// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITreasury} from "../interfaces/ITreasury.sol";

/// @title The id of a transfer
library TransferHash {
    /// @notice The hash of all terms, so that both sides must agree on every term.
    function idOf(ITreasury.Transfer calldata transfer) internal pure returns (bytes32) {
        return keccak256(abi.encode(transfer));
    }
}
