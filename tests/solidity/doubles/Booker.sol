// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IScheduledHandler} from "@ballast/interfaces/IScheduledHandler.sol";
import {ITransactionScheduler} from "@ballast/interfaces/ITransactionScheduler.sol";

/// @title Handler that books on request and behaves in a configured way when called
contract Booker is IScheduledHandler {
    enum Mood {
        Counts,
        Fails,
        Burns,
        Floods,
        Calls,
        Rearms
    }

    error Sulking();

    ITransactionScheduler private immutable _scheduler;
    Mood public mood;
    uint256 public calls;
    uint256 public lastId;
    bytes public lastData;
    uint256 public gasSeen;
    address private _callee;
    bytes private _input;
    bool public callOk;
    bytes public callAnswer;
    uint40 public delay;

    constructor(ITransactionScheduler scheduler_) {
        _scheduler = scheduler_;
    }

    receive() external payable {}

    function set(Mood mood_) external {
        mood = mood_;
    }

    /// @dev Sets a call that is made during an execution.
    function setCall(address callee, bytes calldata input) external {
        (mood, _callee, _input) = (Mood.Calls, callee, input);
    }

    /// @dev Books itself again in each execution.
    function setRearm(uint40 delay_) external {
        (mood, delay) = (Mood.Rearms, delay_);
    }

    function book(ITransactionScheduler.Request calldata request, bytes calldata data)
        external
        payable
        returns (uint256 id)
    {
        (id,) = _scheduler.schedule{value: msg.value}(request, data);
    }

    /// @dev Makes any other call to the scheduler.
    function ask(bytes calldata input) external payable returns (bytes memory) {
        (bool ok, bytes memory answer) = address(_scheduler).call{value: msg.value}(input);
        if (!ok) {
            assembly {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }

    function executeTransaction(uint256 id, bytes calldata data) external {
        uint256 gas = gasleft();
        if (mood == Mood.Fails) revert Sulking();
        if (mood == Mood.Burns) {
            assembly {
                invalid()
            }
        }
        if (mood == Mood.Floods) {
            assembly {
                revert(0, 50000)
            }
        }
        if (mood == Mood.Calls) (callOk, callAnswer) = _callee.call(_input);
        if (mood == Mood.Rearms) _scheduler.rearm(id >> 32, uint40(block.timestamp) + delay, 10_000);
        (gasSeen, lastId, lastData) = (gas, id, data);
        ++calls;
    }
}
