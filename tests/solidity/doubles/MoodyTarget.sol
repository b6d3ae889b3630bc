// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IRebalanceable} from "@ballast/interfaces/IRebalanceable.sol";

/// @title Configurable target: counts, skips, fails, burns gas, floods or calls back
contract MoodyTarget is IRebalanceable {
    enum Mood {
        Counts,
        Skips,
        Fails,
        Burns,
        Floods,
        Calls,
        Busy
    }

    error Sulking();

    Mood public mood;
    uint256 public runs;
    uint256 public forced;
    address private _callee;
    bytes private _input;
    bool public callOk;
    bytes public callAnswer;

    function set(Mood mood_) external {
        mood = mood_;
    }

    /// @dev Sets a call that is made during a run, before the run is counted.
    function setCall(address callee, bytes calldata input) external {
        (mood, _callee, _input) = (Mood.Calls, callee, input);
    }

    function rebalance(bool force) external returns (bool skipped, Reason reason) {
        if (mood == Mood.Fails) revert Sulking();
        if (mood == Mood.Burns) _burn();
        if (mood == Mood.Floods) _flood();
        if (mood == Mood.Skips) {
            emit RebalanceSkipped(Reason.InsideDrift);
            return (true, Reason.InsideDrift);
        }
        if (mood == Mood.Busy) {
            emit RebalanceSkipped(Reason.Busy);
            return (true, Reason.Busy);
        }
        if (mood == Mood.Calls) (callOk, callAnswer) = _callee.call(_input);
        ++runs;
        if (force) ++forced;
    }

    function _burn() private pure {
        assembly {
            invalid()
        }
    }

    function _flood() private pure {
        assembly {
            revert(0, 100000)
        }
    }
}
