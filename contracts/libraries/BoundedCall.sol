// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReturnData} from "./ReturnData.sol";

/// @title View calls with bounded gas and bounded answers
/// @notice For contracts that may revert, burn all their gas, or return nothing, garbage or a megabyte. One word of the
/// answer is read, and no more than that is copied.
library BoundedCall {
    /// @dev Gas used between reading the remaining gas and the call.
    uint256 private constant CALL_GAS = 5_000;
    /// @dev A call gets all of the available gas except one part in this many.
    uint256 private constant KEPT_PARTS = 64;
    uint256 private constant REASON_SIZE = 256;

    /// @notice The target gave no usable answer: it has no code, burned its gas, returned less than a word, or reverted
    /// without a reason.
    error BoundedCall_NoAnswer(address target);

    /// @notice The caller gave too little gas to tell a failing target from a lack of gas.
    error BoundedCall_OutOfGas();

    /// @notice Reads one word. Any failure of the target is returned, and never reverts.
    /// @dev Reverts only with `BoundedCall_OutOfGas`: otherwise a caller could make a good target appear to fail by
    /// sending little gas.
    /// @param target Contract to call.
    /// @param question Call data of a view.
    /// @param gasLimit Gas that the target may use.
    /// @return good Whether there was an answer.
    /// @return answer Its first word; 0 without one.
    function tryRead(address target, bytes memory question, uint256 gasLimit)
        internal
        view
        returns (bool good, uint256 answer)
    {
        (, good, answer) = _ask(target, question, gasLimit);
    }

    /// @notice As `tryRead`, but reverts without an answer: with the target's own reason if it gave one.
    /// @dev Reverts with `BoundedCall_NoAnswer` otherwise, and with `BoundedCall_OutOfGas`.
    /// @param target Contract to call.
    /// @param question Call data of a view.
    /// @param gasLimit Gas that the target may use.
    /// @return answer First word of the answer.
    function read(address target, bytes memory question, uint256 gasLimit) internal view returns (uint256) {
        (bool ended, bool good, uint256 answer) = _ask(target, question, gasLimit);
        if (good) return answer;
        bytes memory reason = ReturnData.head(REASON_SIZE);
        if (ended || reason.length == 0) revert BoundedCall_NoAnswer(target);
        assembly ("memory-safe") {
            revert(add(reason, 0x20), mload(reason))
        }
    }

    /// @return ended Whether the call did not revert.
    /// @return good Whether it returned a word.
    /// @return answer That word.
    function _ask(address target, bytes memory question, uint256 gasLimit)
        private
        view
        returns (bool ended, bool good, uint256 answer)
    {
        uint256 available = gasleft();
        assembly ("memory-safe") {
            ended := staticcall(gasLimit, target, add(question, 0x20), mload(question), 0, 0x20)
            good := and(ended, gt(returndatasize(), 0x1f))
            if good { answer := mload(0) }
        }
        bool enough = ended || available - available / KEPT_PARTS >= gasLimit + CALL_GAS;
        require(enough, BoundedCall_OutOfGas());
    }
}
