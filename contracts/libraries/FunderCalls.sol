// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITxFunder} from "../interfaces/ITxFunder.sol";

/// @title Calls to an untrusted funder
/// @notice Each call has separate gas, at most a word of the answer is copied, and nothing reverts.
library FunderCalls {
    uint256 private constant GAS = 50_000;

    /// @notice Amount that the caller could withdraw. 0 if the funder does not answer.
    function minimumAvailable(address funder) internal view returns (bool ok, uint256 available) {
        bytes memory input = abi.encodeCall(ITxFunder.minimumAvailable, ());
        assembly ("memory-safe") {
            mstore(0, 0)
            ok := staticcall(GAS, funder, add(input, 0x20), mload(input), 0, 0x20)
            ok := and(ok, gt(returndatasize(), 0x1f))
            if ok { available := mload(0) }
        }
    }

    /// @notice Withdraws money from the funder, and measures the received amount.
    function withdrawAvailable(address funder, uint256 amount) internal returns (bool ok, uint256 sent) {
        bytes memory input = abi.encodeCall(ITxFunder.withdrawAvailable, (amount));
        uint256 balance = address(this).balance;
        assembly ("memory-safe") {
            ok := call(GAS, funder, 0, add(input, 0x20), mload(input), 0, 0)
        }
        sent = address(this).balance - balance;
    }
}
