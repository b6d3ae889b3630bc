// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ReentrancyGuard} from "@openzeppelin/contracts/utils/ReentrancyGuard.sol";

import {IRebalanceable} from "../interfaces/IRebalanceable.sol";

/// @title Calls to an untrusted target
/// @notice At most two words of the answer are copied, and nothing reverts.
library TargetCalls {
    /// @notice Outcome of a run. `Done`: the target ran, and does not report that it did nothing. `Skipped`: it did
    /// nothing, for a lasting reason. `Postponed`: it did nothing, for a reason that may be over in minutes, and that
    /// an executor may have caused: then another run soon is better than one after a whole interval. `Failed`: it
    /// reverted, or there is no code.
    enum Outcome {
        Done,
        Skipped,
        Postponed,
        Failed
    }

    /// @dev A selector and a word.
    uint256 private constant REFUSAL_SIZE = 36;

    /// @notice Rebalances a target.
    /// @param target The target.
    /// @param force Argument of `rebalance`.
    /// @param limit The most gas that it gets.
    /// @return outcome Outcome of the run.
    /// @return reason Reason why it was skipped or postponed, as a number; for a failure the first 32 bytes of its
    /// reason.
    function rebalance(address target, bool force, uint256 limit) internal returns (Outcome outcome, bytes32 reason) {
        // A target shares its word with a time.
        // slither-disable-next-line incorrect-equality,timestamp
        if (target.code.length == 0) return (Outcome.Failed, 0);
        uint256 selector = uint32(IRebalanceable.rebalance.selector);
        bool ok;
        uint256 size;
        bytes32 first;
        bytes32 second;
        assembly ("memory-safe") {
            mstore(0, shl(224, selector))
            mstore(0x04, force)
            ok := call(limit, target, 0, 0, 0x24, 0, 0)
            size := returndatasize()
            let copied := size
            if gt(copied, 0x40) { copied := 0x40 }
            mstore(0, 0)
            mstore(0x20, 0)
            returndatacopy(0, 0, copied)
            first := mload(0)
            // The second word of an answer, or the first argument of an error.
            switch ok
            case 0 { second := mload(0x04) }
            default { second := mload(0x20) }
        }
        if (ok) {
            bool skipped = size >= 0x40 && uint256(first) == 1 && _isReason(second);
            return skipped ? _skipped(second) : (Outcome.Done, bytes32(0));
        }
        if (bytes4(first) == ReentrancyGuard.ReentrancyGuardReentrantCall.selector) {
            return (Outcome.Postponed, bytes32(uint256(IRebalanceable.Reason.Busy)));
        }
        bool refused = bytes4(first) == IRebalanceable.Rebalance_Refused.selector && size == REFUSAL_SIZE;
        return refused && _isReason(second) ? _skipped(second) : (Outcome.Failed, first);
    }

    function _skipped(bytes32 reason) private pure returns (Outcome, bytes32) {
        IRebalanceable.Reason known = IRebalanceable.Reason(uint256(reason));
        bool brief = known == IRebalanceable.Reason.Busy || known == IRebalanceable.Reason.StalePrice
            || known == IRebalanceable.Reason.SpotOffOracle;
        return (brief ? Outcome.Postponed : Outcome.Skipped, reason);
    }

    function _isReason(bytes32 word) private pure returns (bool) {
        return uint256(word) <= uint256(type(IRebalanceable.Reason).max);
    }
}
