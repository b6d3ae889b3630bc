// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ITxFunder} from "@ballast/interfaces/ITxFunder.sol";

/// @title Configurable funder: pays, lies, pays less or more, fails, burns gas, floods or calls back
contract MoodyFunder is ITxFunder {
    enum Mood {
        Pays,
        Boasts,
        GivesLess,
        GivesMore,
        Fails,
        Burns,
        Floods,
        Calls,
        Mute
    }

    Mood public mood;
    address private _callee;
    bytes private _input;
    bool public callOk;
    bytes public callAnswer;

    receive() external payable {}

    function set(Mood mood_) external {
        mood = mood_;
    }

    function setCall(address callee, bytes calldata input) external {
        (mood, _callee, _input) = (Mood.Calls, callee, input);
    }

    function minimumAvailable() external view returns (uint256) {
        if (mood == Mood.Boasts) return type(uint256).max;
        if (mood == Mood.Fails) revert();
        if (mood == Mood.Burns) _burn();
        if (mood == Mood.Floods) _flood();
        if (mood == Mood.Mute) {
            assembly {
                return(0, 0)
            }
        }
        return address(this).balance;
    }

    function withdrawAvailable(uint256 maximum) external returns (uint256 amount) {
        amount = maximum;
        if (mood == Mood.GivesLess) amount = maximum / 2;
        if (mood == Mood.GivesMore) amount = maximum * 2;
        if (mood == Mood.Boasts) revert();
        if (mood == Mood.Calls) (callOk, callAnswer) = _callee.call(_input);
        (bool ok,) = msg.sender.call{value: amount}("");
        require(ok, "not taken");
    }

    function minimumCapacity() external pure returns (uint256) {
        return 0;
    }

    function depositCapacity() external payable returns (uint256) {
        return 0;
    }

    function _burn() private pure {
        assembly {
            invalid()
        }
    }

    function _flood() private pure {
        assembly {
            return(0, 30000)
        }
    }
}
